import Foundation
import Tensors
import Testing
import Transforms

/// Random numbers in traced functions: those of the key, bit for bit.
@Suite struct TracedKeyTests {
  struct Draws: TensorTree {
    var uniform: Tensor<Float>
    var uniformDouble: Tensor<Double>
    var normal: Tensor<Float>
    var bernoulli: Tensor<Float>
    var mixed: Tensor<Float>
    var inverse: [Tensor<Double>]
    var integers: [Tensor<Int32>]
    var bits: Tensor<UInt32>

    init(_ key: Key) {
      uniform = .uniform([5, 3], in: -1..<2, key: key.named("uniform"))
      uniformDouble = .uniform([4], key: key[3])
      normal = .normal([17], mean: 1, standardDeviation: 0.3, key: key.named("a longer name than seven bytes"))
      bernoulli = .bernoulli([40], probability: 0.3, key: key[0][1])
      mixed = .bernoulli(probabilities: Tensor([0, 0.2, 0.9, 1]), key: key[1])
      inverse = [
        .exponential([6], rate: 2, key: key[4]), .laplace([6], key: key[5]), .gumbel([6], scale: 3, key: key[6]),
        .rademacher([20], key: key[7]),
      ]
      let logits = Tensor<Float>(shape: [3, 4], [0, 1, 2, 3, -.infinity, 0, 0, -.infinity, .nan, 0, 0, 0])
      integers = [
        .integers([9], in: -3..<100, key: key[8]), .categorical(logits: logits, key: key[9]), .permutation(11, key: key[10]),
        .bernoulli([9], probability: 0.5, key: key[12]),
      ]
      bits = .bits([7], key: key)
    }
  }

  private func isEqual(_ a: Draws, _ b: Draws) -> Bool {
    a.uniform == b.uniform && a.uniformDouble == b.uniformDouble && a.normal == b.normal && a.bernoulli == b.bernoulli
      && a.mixed == b.mixed && a.inverse == b.inverse && a.integers == b.integers && a.bits == b.bits
  }

  @Test func compiledDrawsAreThoseOfTheKey() {
    var plans = 0
    let draws = compile(onPlan: { _ in plans += 1 }) { (key: Key) in Draws(key) }
    let (a, b) = (Key(seed: 5), Key(seed: 6).named("b"))
    #expect(isEqual(draws(a), Draws(a)) && isEqual(draws(b), Draws(b)))
    #expect(!isEqual(draws(a), Draws(b)) && plans == 1)
    #expect(Draws(a).integers[2].scalars.map { Int($0) } == a[10].permutation(11))
  }

  @Test func vmapOverKeysIsALoop() {
    let keys = (0..<3).map { Key(seed: 9)[$0] }
    let all = vmap { (key: Key) in Draws(key) }(Key.batch(keys))
    let draws = compile { (keys: Key) in vmap { (key: Key) in Draws(key) }(keys) }
    let compiled = draws(Key.batch(keys))
    for (i, key) in keys.enumerated() {
      for draws in [all, compiled] {
        let own = draws.replacingTensors(
          draws.tensors.map { tensor in
            switch tensor.scalarType {
            case .float: AnyTensor(Tensor<Float>(tensor).row(i))
            case .double: AnyTensor(Tensor<Double>(tensor).row(i))
            case .int32: AnyTensor(Tensor<Int32>(tensor).row(i))
            default: AnyTensor(Tensor<UInt32>(tensor).row(i))
            }
          })
        #expect(isEqual(own, Draws(key)), "key \(i)")
      }
    }
  }

  @Test func keysAreNumberedByData() {
    let step = compile { (key: Key, step: Tensor<Int32>) in Tensor<Double>.normal([3], key: key[step].named("noise")) }
    let key = Key(seed: 2)
    for i in 0..<3 { #expect(step(key, Tensor(Int32(i))) == .normal([3], key: key[i].named("noise"))) }
  }

  @Test func gradientsPassDraws() {
    let key = Key(seed: 4)
    func loss(_ x: Tensor<Double>, _ key: Key) -> Tensor<Double> { (x * .normal([3], key: key)).sum() }
    let gradient = compile { (x: Tensor<Double>, key: Key) in grad(loss)(x, key) }
    #expect(gradient(Tensor<Double>.zeros(3), key) == .normal([3], key: key))
  }

  @Test func knownKeysAreValues() throws {
    let key = Key(seed: 7).named("x")
    #expect(key.mapTensors { $0 } == key && key.tensors.count == 1 && Set([key, key[0], key]).count == 2)
    let text = try JSONEncoder().encode(key)
    #expect(try JSONDecoder().decode(Key.self, from: text) == key)
    #expect(try JSONSerialization.jsonObject(with: text) as? [String: UInt64] != nil)
  }

  @Test func drawsThatNeedAKnownKeyStop() async {
    await #expect(processExitsWith: .failure) {
      let draws = compile { (key: Key) in Tensor<Float>.gamma([2], concentration: 1, key: key) }
      _ = draws(Key(seed: 0))
    }
    await #expect(processExitsWith: .failure) { _ = Tensor<Float>.normal([2], key: .batch([Key(seed: 0), Key(seed: 1)])) }
  }
}
