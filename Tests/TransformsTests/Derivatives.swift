import Foundation
import Tensors
import Testing
import Transforms

/// A function of one real tensor in double precision whose derivatives are to be checked.
typealias RealFunction = (Tensor<Double>) -> Tensor<Double>

/// The results of a function one after the other, as one vector.
func joined(_ parts: Tensor<Double>...) -> Tensor<Double> { .concatenate(parts.map { $0.reshaped([-1]) }) }

/// |a - b| in units of 1 + |b|.
func distance(_ a: Tensor<Double>, _ b: Tensor<Double>) -> Double {
  #expect(a.shape == b.shape)
  let difference = (a - b).norm().scalar / (1 + b.norm().scalar)
  return difference.isNaN ? .infinity : difference
}

/// Weights of the numbers of a result: cos(i), as in References.
func weights(_ y: Tensor<Double>) -> Tensor<Double> { Tensor(shape: y.shape, (0..<y.count).map { cos(Double($0)) }) }

/// First and second derivatives forwards, backwards and by differences; the batch against single elements; compiled against eager.
///
/// Tolerances: differences of step 1e-5 (of the gradient as of the value) err by some 1e-10 times third derivatives; what is the same
/// formula in another order errs by roundings.
func checkDerivatives(_ function: @escaping RealFunction, at x: Tensor<Double>, _ note: String) {
  let key = Key(seed: 11)
  let direction = Tensor<Double>.normal(x.shape, key: key.named("direction"))
  func differences(_ f: RealFunction) -> Tensor<Double> {
    let h = 1e-5
    return (f(x + direction * h) - f(x - direction * h)) * (0.5 / h)
  }
  let (y, tangent) = jvp(function, at: x, along: direction)
  #expect(distance(tangent, differences(function)) < 1e-7, "\(note): jvp against differences")
  let w = weights(y)
  let gradient = grad { (x: Tensor<Double>) in (w * function(x)).sum() }
  let (forwards, backwards) = ((w * tangent).sum().scalar, gradient(x).dot(direction).scalar)
  let size = w.norm().scalar * tangent.norm().scalar
  #expect(abs(forwards - backwards) < 1e-11 * (1 + size), "\(note): vjp against jvp")
  let second = jvp(gradient, at: x, along: direction).tangent
  #expect(distance(second, differences(gradient)) < 1e-6, "\(note): second derivative")

  let xs = Tensor.stack([x, x + direction * 0.01, x - direction * 0.02])
  let (batch, gradients) = (vmap(function)(xs), vmap(gradient)(xs))
  for i in 0..<3 {
    #expect(distance(batch.row(i), function(xs.row(i))) < 1e-12, "\(note): vmap")
    #expect(distance(gradients.row(i), gradient(xs.row(i))) < 1e-10, "\(note): vmap of grad")
  }
  let (compiled, compiledGradient): (RealFunction, RealFunction) = (compile(function), compile(gradient))
  #expect(distance(compiled(x), y) < 1e-13, "\(note): compile")
  #expect(distance(compiledGradient(x), gradient(x)) < 1e-11, "\(note): compile of grad")
}

/// A case of References/linear_algebra.json.
struct Reference: Decodable {
  var shape: [Int]
  var x: [Double]
  var value: [Double]
  var gradient: [Double]

  var input: Tensor<Double> { Tensor(shape: shape, x) }

  static let all: [String: Reference] = {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "References/linear_algebra.json")
    do {
      return try JSONDecoder().decode([String: Reference].self, from: Data(contentsOf: url))
    } catch {
      Issue.record("References/linear_algebra.json: \(error)")
      return [:]
    }
  }()
}

/// Value and gradient of a function against a case of References, at a relative distance that leaves room for the condition of the case.
func checkReference(_ name: String, _ function: @escaping RealFunction) throws {
  let reference = try #require(Reference.all[name])
  let y = function(reference.input)
  #expect(distance(y.reshaped([-1]), Tensor(reference.value)) < 1e-11, "\(name): value")
  if reference.gradient.isEmpty { return }
  let (value, pullback) = vjp(function, at: reference.input)
  let gradient = pullback(weights(value))
  #expect(distance(gradient, Tensor(shape: reference.shape, reference.gradient)) < 1e-10, "\(name): gradient")
}
