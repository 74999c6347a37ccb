import Foundation
import Solvers
import Tensors
import Testing

@Suite struct MatrixMarginTests {
  private func waves(_ shape: [Int]) -> Tensor<Double> {
    let k = (0..<shape.reduce(1, *)).map { Double($0) }
    return Tensor(shape: shape, k.map { sin(1 + $0 + 0.3 * $0 * $0) })
  }

  private func difference(_ a: Tensor<Double>, _ b: [Double]) -> Double {
    (a.reshaped(-1) - Tensor(b)).abs().max().scalar
  }

  /// Norm and weights from References/matrix_margin.py: non-negative least squares.
  @Test func leastFrobeniusAgreesWithSciPy() {
    let machine = MatrixMargin(waves([7, 3, 4])).leastFrobenius(tolerance: 1e-13)
    #expect(abs(machine.norm - 1.5182027769103903) < 1e-9 && machine.relativeGap <= 1e-13)
    let expected = [
      -0.128371993, 0.730724983, -0.060920787, 0.270547795, -0.398750776, -0.140378154, -0.50971826, 0.128466223, -0.328179445,
      1.023338986, -0.050622878, 0.25511226,
    ]
    // A gap g leaves a distance of up to sqrt(2 g) of the norm.
    #expect(difference(machine.weights, expected) < 2e-6)
  }

  /// Norm and weights from References/matrix_margin.py: sequential quadratic programming on the factors.
  @Test func leastNuclearAgreesWithSciPy() throws {
    let problem = MatrixMargin(waves([7, 3, 4]))
    let machine = try problem.leastNuclear(tolerance: 1e-10)
    #expect(abs(machine.norm - 1.7874323085912107) < 1e-8 && machine.relativeGap <= 1e-10)
    let expected = [
      -0.328086, 0.769564, -0.265838, 0.138445, -0.099508, 0.233408, -0.080628, 0.04199, -0.56386, 1.322601, -0.456879, 0.237937,
    ]
    #expect(difference(machine.weights, expected) < 2e-5)
    #expect(abs(problem.margins(of: machine.weights).min().scalar - 1) < 1e-12)
    #expect(try thinSVD(machine.weights).s.scalars.dropFirst().allSatisfy { $0 < 1e-12 })
  }

  /// One constraint A: W = A / ||A||² and u v^T / sigma_1, of norms 1 / ||A||_F and 1 / sigma_1.
  @Test func oneConstraintHasClosedForms() throws {
    let problem = MatrixMargin(waves([1, 4, 3]))
    let a = problem.constraints.slice(0)
    let (u, s, vT) = try thinSVD(a)
    let frobenius = problem.leastFrobenius()
    #expect(difference(frobenius.weights, (a / a.squaredNorm()).scalars) < 1e-14)
    #expect(abs(frobenius.norm - 1 / a.norm().scalar) < 1e-14 && abs(frobenius.lowerBound - frobenius.norm) < 1e-14)
    let nuclear = try problem.leastNuclear(tolerance: 1e-12)
    #expect(abs(nuclear.norm - 1 / s[0]) < 1e-11)
    let rankOne = outer(u.slice(All(), 0), vT.slice(0)) / s[0]
    #expect(difference(nuclear.weights, rankOne.scalars) < 1e-5)
  }

  /// W_ii >= 1 and nothing else: the identity for both norms, which are sqrt(d) and d.
  @Test func diagonalConstraintsGiveTheIdentity() throws {
    let d = 5
    let unit = Tensor<Double>.identity(d)
    let problem = MatrixMargin(.stack((0..<d).map { outer(unit.row($0), unit.row($0)) }))
    let (frobenius, nuclear) = (problem.leastFrobenius(), try problem.leastNuclear())
    #expect(difference(frobenius.weights, unit.scalars) < 1e-12 && difference(nuclear.weights, unit.scalars) < 1e-7)
    #expect(abs(frobenius.norm - Double(d).squareRoot()) < 1e-12 && abs(nuclear.norm - Double(d)) < 1e-6)
    #expect(abs(nuclear.lowerBound - Double(d)) < 1e-6)
  }

  /// Multipliers vanish where the margin is larger than 1, and their bound is below the norm.
  @Test(arguments: [true, false]) func multipliersProveTheNorm(isNuclear: Bool) throws {
    let problem = MatrixMargin(waves([9, 5, 5]))
    let machine = isNuclear ? try problem.leastNuclear() : problem.leastFrobenius()
    let margins = problem.margins(of: machine.weights)
    #expect(machine.multipliers.allSatisfy { $0 >= 0 } && machine.lowerBound <= machine.norm * (1 + 1e-12))
    #expect(machine.relativeGap <= 1e-8)
    for (k, multiplier) in machine.multipliers.enumerated() where margins[k] > 1.001 { #expect(multiplier < 1e-6) }
    // The bound, once more and by other means: sum lambda over the dual norm of their combination.
    let combination = (problem.constraints * Tensor(machine.multipliers).reshaped(-1, 1, 1)).sum(0)
    let dualNorm = isNuclear ? try thinSVD(combination).s[0] : combination.norm().scalar
    #expect(abs(machine.multipliers.reduce(0, +) / dualNorm - machine.lowerBound) < 1e-9 * machine.lowerBound)
  }

  @Test func constraintsThatExcludeEachOtherAreInfeasible() throws {
    let a = waves([1, 2, 2])
    let problem = MatrixMargin(.concatenate([a, -a]))
    let machine = problem.leastFrobenius(maximumSweeps: 100)
    #expect(!machine.isFeasible && machine.relativeGap == 1 && machine.iterations == 100)
    #expect(try !problem.leastNuclear().isFeasible)
  }

  /// <A, W> is the score of the selected token less that of another, x_selected^T W z - x_t^T W z: tokens on the left, queries on the right.
  /// W is not symmetric, so that the transposed problem would be noticed.
  @Test func attentionConstraintsAreDifferencesOfScores() {
    let (x, z, w) = (waves([2, 3, 4]), waves([2, 4]) * 0.7, waves([4, 4]))
    let selected = [2, 0]
    let margins = MatrixMargin.attention(tokens: x, queries: z, selected: selected).margins(of: w)
    var expected: [Double] = []
    for i in 0..<2 {
      let scores = (0..<3).map { t in
        (0..<4).reduce(0.0) { sum, a in sum + (0..<4).reduce(0.0) { $0 + x[i, t, a] * w[a, $1] * z[i, $1] } }
      }
      for t in 0..<3 where t != selected[i] { expected.append(scores[selected[i]] - scores[t]) }
    }
    #expect(difference(margins, expected) < 1e-14)
  }
}
