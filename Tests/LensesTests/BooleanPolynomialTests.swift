import Lenses
import Tensors
import Testing

@Suite struct BooleanPolynomialTests {
  /// A sum of products of up to three of `variables` variables, repetitions included.
  private func random(_ variables: Int, _ key: Key) -> BooleanPolynomial {
    BooleanPolynomial(
      products: (0..<5).map { i in
        let draws = Tensor<Int32>.integers([4], in: 0..<Int32(variables), key: key[i]).scalars.map(Int.init)
        return Array(draws.dropFirst(draws[0] % 4))
      })
  }

  private func map(_ inputs: Int, _ outputs: Int, _ key: Key) -> BooleanMap {
    BooleanMap(inputs: inputs, outputs: (0..<outputs).map { random(inputs, key[$0]) })
  }

  private func bits(_ n: Int, _ number: Int) -> [Bool] { (0..<n).map { (number >> $0) & 1 == 1 } }

  @Test(arguments: 0..<20) func chainRuleIsExact(draw: Int) {
    let key = Key(seed: 1)[draw]
    let (f, g) = (map(3, 3, key[0]), map(3, 2, key[1]))
    let (whole, parts) = (f.then(g).lens, f.lens.then(g.lens))
    for point in 0..<8 {
      for change in 0..<4 {
        #expect(whole.get(bits(3, point)) == parts.get(bits(3, point)))
        #expect(whole.put(bits(3, point), bits(2, change)) == parts.put(bits(3, point), bits(2, change)))
      }
    }
  }

  /// x y at y = x is x^2, whose derivative is 0; reduced to x, it would be 1, and the chain rule gives 0.
  @Test func powersAreKept() {
    let diagonal = BooleanMap(inputs: 1, outputs: [.variable(0), .variable(0)])
    let product = BooleanMap(inputs: 2, outputs: [.variable(0) * .variable(1)])
    #expect(diagonal.then(product).reverseDerivative([true], [true]) == [false])
    #expect(BooleanPolynomial.variable(0).derivative(0) == .constant(true))
  }

  /// For multilinear polynomials the derivative is the difference, also at the other point.
  @Test func gradientIsTheDifference() {
    let table = BooleanMap.lookupTable(bits: 2)
    for number in 0..<64 {
      let x = bits(6, number)
      let gradient = table.reverseDerivative(x, [true])
      for i in 0..<6 {
        var flipped = x
        flipped[i].toggle()
        #expect(gradient[i] == (table(flipped) != table(x)))
        #expect(gradient[i] == table.outputs[0].derivative(i)(x))
      }
      #expect(table(x) == [x[(x[4] ? 1 : 0) + (x[5] ? 2 : 0)]])
    }
  }

  @Test func arithmetic() {
    let (x, y) = (BooleanPolynomial.variable(0), BooleanPolynomial.variable(1))
    #expect((x + y) * (x + y) == x * x + y * y)  // 2 x y = 0
    #expect(x + x == .constant(false))
    let f = BooleanMap.quadratic(bits: 2)  // p0 + p1 a + p2 b + p3 a b
    for number in 0..<64 {
      let v = bits(6, number)
      let products = [v[0], v[1] && v[4], v[2] && v[5], v[3] && v[4] && v[5]]
      #expect(f(v) == [products.count { $0 } % 2 == 1])
    }
  }
}
