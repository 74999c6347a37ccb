import AttentionKernels
import ComplexModule
import Foundation
import Networks
import Tensors
import Testing

/// What the papers on state spaces and attention are measured with; the library's parts are tested in NetworksTests.
@Suite struct AttentionMethodTests {
  let key = Key(seed: 51)

  @Test func transfersAreThoseOfTheMatrix() throws {
    let system = try LegendreSystem(size: 6)
    let c = Tensor<Double>.normal([3, 6], key: key.named("c"))
    let (exact, diagonal) = try system.transfers(outputs: c, at: Tensor([2.0]))
    let solved = try system.solvedTransfer(outputs: c, at: 2)
    #expect((exact.squeezed(-1) - solved).magnitude().max().scalar < 1e-12)
    // S4D by its definition: half of B, with N.
    let shifted = complex(-1 * HiPPO.normalPart(6), 2 * .identity(6))
    let halved = matmul(complex(c), try solve(shifted, complex(HiPPO.input(6) / 2)))
    #expect((diagonal.squeezed(-1) - halved).magnitude().max().scalar < 1e-12)
  }

  /// At n = 4 the eigenvectors of A are still good enough to hold the recurrence against.
  @Test func recurrenceIsThatOfTheEigenvectors() throws {
    let system = try LegendreSystem(size: 4)
    let c = Tensor<Double>.normal([4], key: key.named("c"))
    let (values, vectors) = try eigen(system.matrix)
    let diagonal = try DiagonalStateSpace(eigenvalues: values, vectors: vectors, input: system.input, output: c)
    let u = Tensor<Double>.normal([40], key: key.named("u")).scalars
    let difference = zip(system.recurrence(output: c, u, step: 0.05), diagonal.recurrence(u, step: 0.05)).map { abs($0 - $1) }
    #expect(difference.allSatisfy { $0 < 1e-10 })
  }

  @Test func singularVectorsAreComplex() {
    let a = unitGinibre([2, 5, 5], key: key)
    let (u, s, vH) = complexSingular(a)
    let diagonal = complex(s.diagonalMatrix())
    #expect((matmul(u, matmul(diagonal, vH)) - a).magnitude().max().scalar < 1e-13)
    #expect((s.max(-1) - 1).abs().max().scalar < 1e-14)
    let identity = complex(Tensor<Double>.identity(5))
    #expect((matmul(u.adjoint(), u) - identity).magnitude().max().scalar < 1e-13)
  }

  /// Differences of step 1e-6 of a condition of some 10 err by some 1e-8.
  @Test func conditionHasItsGradient() throws {
    let a = complex(Tensor<Double>.normal([2, 5, 5], key: key.named("a")), .normal([2, 5, 5], key: key.named("b")))
    let direction = unitGinibre([2, 5, 5], key: key.named("direction"))
    let condition = try EigenvectorCondition(a)
    let h = 1e-6
    let difference =
      try (EigenvectorCondition(a + direction * Complex(h)).value - EigenvectorCondition(a - direction * Complex(h)).value)
      / (2 * h)
    let slope = (condition.gradient.conjugate() * direction).sum(-2, -1).real
    #expect(((slope - difference).abs() / (1 + slope.abs())).max().scalar < 1e-6)
  }

  @Test(arguments: [7, 32, 64]) func thirdOrderHeadKnowsTheLabels(modulus: Int) {
    let task = TripleMatching(modulus: modulus, density: 1.4)
    let x = task.sequences(20, key: key)
    let labels = task.labels(x, as: Double.self)
    let (tokens, n) = (x.scalars.map { Int($0) }, task.count)
    let expected = tokens.indices.map { place -> Double in
      let row = tokens[place / n * n..<place / n * n + n]
      return row.contains { j in row.contains { k in (tokens[place] + j + k) % modulus == 0 } } ? 1 : 0
    }
    #expect(labels.scalars == expected)
    #expect(task.thirdOrderPredictions(x) == labels)
  }

  @Test func degreesAndErrorsOfThePolynomial() {
    let inputs = AttentionInputs(6, 2, key: key)
    let errors = inputs.errors(degrees: 6, bound: 1)
    #expect(errors.exponential.max().scalar <= 1)
    let degree = (0..<6).first { errors.output[$0] <= 1e-4 }.map { Double($0 + 1) }
    #expect(inputs.neededDegree(error: 1e-4, most: 6) == degree)
    #expect(inputs.neededDegree(error: 0, most: 2).isNaN)
    #expect(inputs.identityError(degree: 3) < 1e-14)
  }

  /// Features that are exact: for q = 0 every feature is 1 / sqrt(m) and the kernel is that of k = 0.
  @Test func rowsAreComparedWithTheirBias() {
    let bias = Tensor<Double>.normal([9], key: key)
    let features = PositiveRandomFeatures<Double>(3, of: 2, key: key)
    let zeros = Tensor<Double>.zeros([5, 2])
    #expect(attentionRowError(zeros, zeros, bias: bias, features: features) < 1e-15)
    #expect(attentionRowError(.ones([5, 2]), .normal([5, 2], key: key), bias: bias, features: features) > 1e-2)
  }

  @Test func labelsLieBack() {
    var training = ToeplitzKernelAttention.Training()
    (training.length, training.offset) = (5, 2)
    let task = CopyingTask(settings: training)
    let tokens = Tensor<Int32>(shape: [1, 5], [7, 8, 9, 10, 11])
    let scores = Tensor<Float>(shape: [1, 5, 1], [0, 1, 2, 3, 4])
    let (places, labels) = task.labelled(scores, tokens)
    #expect(places == Tensor(shape: [1, 3, 1], [2, 3, 4]) && labels == Tensor(shape: [1, 3], [7, 8, 9]))
  }
}
