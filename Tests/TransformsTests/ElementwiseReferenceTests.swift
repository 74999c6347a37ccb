import Foundation
import Tensors
import Testing
import Transforms

/// Values and derivatives against JAX (References/elementwise.py).
@Suite struct ElementwiseReferenceTests {
  typealias Function = @Sendable (Tensor<Double>) -> Tensor<Double>
  typealias Function2 = @Sendable (Tensor<Double>, Tensor<Double>) -> Tensor<Double>

  struct References: Decodable {
    struct Unary: Decodable { var x, y, first, second: [Double] }
    struct Binary: Decodable { var a, b, y, da, db, dab: [Double] }
    struct Axes: Decodable { var x, weights, direction, y, gradient, product: [Double] }
    var unary: [String: Unary]
    var binary: [String: Binary]
    var axes: [String: Axes]
  }

  static let references: References? = {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("References/elementwise.json")
    return try? JSONDecoder().decode(References.self, from: Data(contentsOf: file))
  }()

  static let unaryFunctions: [String: Function] = [
    "exp": { $0.exp() }, "expm1": { $0.expm1() }, "log": { $0.log() }, "log1p": { $0.log1p() }, "sqrt": { $0.sqrt() },
    "reciprocalSquareRoot": { $0.reciprocalSquareRoot() }, "square": { $0.square() }, "reciprocal": { $0.reciprocal() },
    "abs": { $0.abs() }, "sign": { $0.sign() }, "floor": { $0.floor() }, "ceil": { $0.ceil() }, "round": { $0.round() },
    "sin": { $0.sin() }, "cos": { $0.cos() }, "tan": { $0.tan() }, "atan": { $0.atan() }, "erf": { $0.erf() },
    "erfc": { $0.erfc() },
    "erfinv": { $0.erfinv() }, "tanh": { $0.tanh() }, "sigmoid": { $0.sigmoid() }, "softplus": { $0.softplus() },
    "logSigmoid": { $0.logSigmoid() }, "silu": { $0.silu() }, "gelu": { $0.gelu() }, "geluTanh": { $0.geluTanh() },
    "relu": { $0.relu() }, "power2.5": { $0.power(2.5) }, "clamped": { $0.clamped(-1, 1) },
  ]

  static let binaryFunctions: [String: Function2] = [
    "add": { $0 + $1 }, "subtract": { $0 - $1 }, "multiply": { $0 * $1 }, "divide": { $0 / $1 },
    "maximum": { maximum($0, $1) }, "minimum": { minimum($0, $1) }, "power": { $0.abs().power($1) }, "atan2": { atan2($0, $1) },
  ]

  static let axisFunctions: [String: Function] = [
    "sum": { $0.sum(1) }, "mean": { $0.mean(1) }, "variance": { $0.variance(1) }, "max": { $0.max(1) }, "min": { $0.min(1) },
    "product": { $0.product(1) }, "norm": { $0.norm(1) }, "logSumExp": { $0.logSumExp(axis: 1) },
    "logSoftmax": { $0.logSoftmax(axis: 1) }, "matmul": { matmul($0, $0, transposeB: true) },
  ]

  /// Two libraries' functions differ by some ulp each, and derivatives combine several of them.
  private func expectNear(_ values: Tensor<Double>, _ reference: [Double], _ what: String) {
    let scale = reference.map(abs).max() ?? 0
    #expect(values.count == reference.count)
    for (value, expected) in zip(values.scalars, reference) {
      #expect(abs(value - expected) <= 2e-14 * (abs(expected) + scale), "\(what): \(value), not \(expected)")
    }
  }

  @Test func everyReferenceHasItsFunction() throws {
    let references = try #require(Self.references)
    #expect(Set(references.unary.keys) == Set(Self.unaryFunctions.keys))
    #expect(Set(references.binary.keys) == Set(Self.binaryFunctions.keys))
    #expect(Set(references.axes.keys) == Set(Self.axisFunctions.keys))
  }

  @Test(arguments: unaryFunctions.keys.sorted()) func unary(name: String) throws {
    let reference = try #require(Self.references?.unary[name])
    let f = try #require(Self.unaryFunctions[name])
    let x = Tensor(reference.x)
    let first = { (x: Tensor<Double>) in grad { f($0).sum() }(x) }
    expectNear(f(x), reference.y, name)
    expectNear(first(x), reference.first, "\(name)'")
    expectNear(grad { first($0).sum() }(x), reference.second, "\(name)''")
    expectNear(jvp(f, at: x, along: .full([x.count], 1)).tangent, reference.first, "\(name)' forwards")
    expectNear(vmap(compile(first))(x.reshaped(x.count, 1)).reshaped(x.count), reference.first, "\(name)' one by one")
    #expect(compile(first)(x) == first(x), "compiled")
  }

  @Test(arguments: binaryFunctions.keys.sorted()) func binary(name: String) throws {
    let reference = try #require(Self.references?.binary[name])
    let f = try #require(Self.binaryFunctions[name])
    let (a, b) = (Tensor(reference.a), Tensor(reference.b))
    let da = { (a: Tensor<Double>, b: Tensor<Double>) in grad { f($0, b).sum() }(a) }
    expectNear(f(a, b), reference.y, name)
    expectNear(da(a, b), reference.da, "\(name) by a")
    expectNear(grad { f(a, $0).sum() }(b), reference.db, "\(name) by b")
    expectNear(grad { da(a, $0).sum() }(b), reference.dab, "\(name) by a and b")
    expectNear(jvp({ f($0, b) }, at: a, along: .full([a.count], 1)).tangent, reference.da, "\(name) by a, forwards")
    expectNear(jvp({ f(a, $0) }, at: b, along: .full([b.count], 1)).tangent, reference.db, "\(name) by b, forwards")
  }

  @Test(arguments: axisFunctions.keys.sorted()) func alongAxes(name: String) throws {
    let reference = try #require(Self.references?.axes[name])
    let f = try #require(Self.axisFunctions[name])
    let (x, direction) = (Tensor(shape: [2, 3, 4], reference.x), Tensor(shape: [2, 3, 4], reference.direction))
    let weights = Tensor(reference.weights)
    let loss = { (x: Tensor<Double>) in (f(x).reshaped(-1) * weights).sum() }
    expectNear(f(x), reference.y, name)
    expectNear(grad(loss)(x), reference.gradient, "gradient of \(name)")
    expectNear(hvp(loss)(x, direction), reference.product, "Hessian of \(name)")
    #expect(compile(hvp(loss))(x, direction) == hvp(loss)(x, direction), "compiled")
    let batch = vmap(grad(loss))(Tensor.stack([x, direction]))
    expectNear(batch.row(0), reference.gradient, "gradient of \(name) in a batch")
  }
}
