/// A polynomial over Z_2 in variables 0, 1, 2, ...: a sum (exclusive or) of products (and) of variables.
///
/// Powers are kept: x^2 takes the values of x, yet it is another polynomial, with the derivative 2x = 0 where x has 1. The derivative is
/// formal, so only polynomials have one, not functions: reducing x^2 to x on the way breaks the chain rule (Wilson and Zanasi 2021,
/// "Reverse derivative ascent", arXiv 2101.10488). A model is best written multilinearly from the start.
public struct BooleanPolynomial: Hashable, Sendable {
  /// The products with coefficient 1; each lists its variables in ascending order, once for every power. The empty product is 1.
  public private(set) var products: Set<[Int]>

  /// The sum of these products; two equal ones cancel.
  public init(products: some Sequence<[Int]> = []) {
    self.products = []
    for product in products { add(product.sorted()) }
  }

  /// 0 or 1.
  public static func constant(_ bit: Bool) -> BooleanPolynomial { BooleanPolynomial(products: bit ? [[]] : []) }
  /// The variable number `index`.
  public static func variable(_ index: Int) -> BooleanPolynomial { BooleanPolynomial(products: [[index]]) }

  private mutating func add(_ product: [Int]) {
    if products.remove(product) == nil { products.insert(product) }
  }

  /// Sum: exclusive or.
  public static func + (a: BooleanPolynomial, b: BooleanPolynomial) -> BooleanPolynomial {
    var sum = a
    for product in b.products { sum.add(product) }
    return sum
  }

  /// Product: and.
  public static func * (a: BooleanPolynomial, b: BooleanPolynomial) -> BooleanPolynomial {
    BooleanPolynomial(products: a.products.lazy.flatMap { x in b.products.lazy.map { x + $0 } })
  }

  /// The value at a point.
  public func callAsFunction(_ x: [Bool]) -> Bool {
    products.reduce(false) { sum, product in sum != product.allSatisfy { x[$0] } }
  }

  /// This polynomial with a polynomial in the place of each variable.
  public func substituting(_ replacements: [BooleanPolynomial]) -> BooleanPolynomial {
    products.reduce(.constant(false)) { sum, product in
      sum + product.reduce(.constant(true)) { $0 * replacements[$1] }
    }
  }

  /// The formal partial derivative: k x^(k-1) in the place of x^k, which is 0 for even k.
  public func derivative(_ variable: Int) -> BooleanPolynomial {
    BooleanPolynomial(
      products: products.compactMap { product in
        guard let place = product.firstIndex(of: variable), product.count(where: { $0 == variable }) % 2 == 1 else { return nil }
        var rest = product
        rest.remove(at: place)
        return rest
      })
  }

  /// The gradient at a point, added to `gradient`.
  func addGradient(at x: [Bool], to gradient: inout [Bool]) {
    for product in products {
      let zeros = product.filter { !x[$0] }
      // With two factors of 0 every partial product has one left.
      guard zeros.count <= 1 else { continue }
      for variable in Set(zeros.isEmpty ? product : zeros) where product.count(where: { $0 == variable }) % 2 == 1 {
        gradient[variable].toggle()
      }
    }
  }
}

/// A map from bits to bits, one polynomial for each bit of the result: a morphism of POLY(Z_2).
public struct BooleanMap: Hashable, Sendable {
  /// Bits of the argument.
  public var inputs: Int
  /// One for each bit of the result.
  public var outputs: [BooleanPolynomial]

  /// A map of `inputs` variables.
  public init(inputs: Int, outputs: [BooleanPolynomial]) { (self.inputs, self.outputs) = (inputs, outputs) }

  /// The value at a point.
  public func callAsFunction(_ x: [Bool]) -> [Bool] { outputs.map { $0(x) } }

  /// This map, then `next`.
  public func then(_ next: BooleanMap) -> BooleanMap {
    BooleanMap(inputs: inputs, outputs: next.outputs.map { $0.substituting(outputs) })
  }

  /// The reverse derivative J(x)^T y', modulo 2.
  public func reverseDerivative(_ x: [Bool], _ change: [Bool]) -> [Bool] {
    var gradient = [Bool](repeating: false, count: inputs)
    for (output, isChanged) in zip(outputs, change) where isChanged { output.addGradient(at: x, to: &gradient) }
    return gradient
  }

  /// R[f], which goes the way of every other model from here on.
  public var lens: Lens<Wire<[Bool]>, Wire<[Bool]>> {
    Lens {
      self($0)
    } put: {
      reverseDerivative($0, $1)
    }
  }

  /// The same with the first `count` bits of the argument as parameters.
  public func model(parameters count: Int) -> Learner<[Bool], [Bool], [Bool]> {
    Learner<[Bool], [Bool], [Bool]> { p, a in
      self(p + a)
    } put: { p, a, change in
      let gradient = reverseDerivative(p + a, change)
      return Pair(Array(gradient[..<count]), Array(gradient[count...]))
    }
  }
}

extension BooleanMap {
  /// The table with one bit of parameters for each of the 2^n inputs: f(p, a) = p_a, as the sum over cells c of p_c times the indicator of
  /// a = c. Cell c is the input whose bit i is bit i of c.
  public static func lookupTable(bits n: Int) -> BooleanMap {
    let cells = (0..<1 << n).map { cell in
      (0..<n).reduce(BooleanPolynomial.variable(cell)) { product, i in
        product * (.variable((1 << n) + i) + .constant((cell >> i) & 1 == 0))
      }
    }
    return BooleanMap(inputs: (1 << n) + n, outputs: [cells.reduce(.constant(false), +)])
  }

  /// p_0 + sum p_i a_i + sum p_ij a_i a_j: one bit of parameters for each product of at most two inputs.
  public static func quadratic(bits n: Int) -> BooleanMap {
    let products = [[]] + (0..<n).map { [$0] } + (0..<n).flatMap { i in (i + 1..<n).map { [i, $0] } }
    let count = products.count
    return BooleanMap(
      inputs: count + n,
      outputs: [BooleanPolynomial(products: products.enumerated().map { p, a in [p] + a.map { count + $0 } })])
  }
}

extension Lens where Source == Wire<[Bool]>, Target == Wire<[Bool]> {
  /// p + p' in Z_2: gradient descent, where minus is plus.
  public static var flipping: Lens {
    Lens {
      $0
    } put: {
      zip($0, $1).map { $0 != $1 }
    }
  }
}
