import LowRankRecovery
import Solvers
import Tensors
import Testing

/// Against References/altmin_completion.py.
@Suite struct AltminCompletionTests {
  typealias Paper = RobustAltminCompletion
  let n = 24
  let k = 3

  private var problem: Paper.Completion {
    let mask = (0..<n * n).map { (5 * ($0 / n) + 3 * ($0 % n) + ($0 / n) * ($0 % n)) % 10 < 6 ? 1.0 : 0 }
    return Paper.Completion(
      target: matmul(Fixture.wave(n, k, 0), Fixture.wave(n, k, 0.4), transposeB: true), mask: Tensor(shape: [n, n], mask))
  }

  /// The errors of half-sweeps 1, 10, ..., 50, as the experiment makes them but for the random numbers.
  private func errors(_ solve: (Paper.RowProblems) -> Tensor<Double>) throws -> [Double] {
    var u = try problem.start(rank: k, share: 0.6, threshold: 0.5)
    var errors: [Double] = []
    for t in 0..<50 {
      let side = t % 2 == 0 ? problem : problem.transposed
      let v = solve(Paper.RowProblems(side, u))
      errors.append((matmul(u, v, transposeB: true) - side.target).norm().scalar / side.target.norm().scalar)
      u = qr(v).q
    }
    return [0, 9, 19, 29, 39, 49].map { errors[$0] }
  }

  @Test func exactSweepsAreThePapers() throws {
    Fixture.expectEqual(
      try errors { $0.exactSolutions() },
      [
        0.5344547893613754, 0.001026498813548139, 3.3544456811461945e-06, 1.1249357160412268e-08, 3.808451126352691e-11,
        1.3064432662657023e-13,
      ], floor: 1e-14)
  }

  @Test func perturbedSweepsAreThePapers() throws {
    let direction = Fixture.wave(n, k, 0.8)
    Fixture.expectEqual(
      try errors { Paper.perturbed($0.exactSolutions(), by: 1e-3, along: direction) },
      [
        0.5344841722733248, 0.0015496243541068982, 0.0011112749234350322, 0.0011109174553021856, 0.001110842428014567,
        0.0011108021181332234,
      ])
  }

  @Test func sketchedSweepsAreThePapers() throws {
    let sketch = CountSketch<Double>(
      buckets: Tensor((0..<n).map { Int32((5 * $0 * $0 + 1) % (4 * k)) }), signs: Tensor((0..<n).map { $0 % 3 == 0 ? -1 : 1 }),
      rows: 4 * k)
    Fixture.expectEqual(
      try errors { $0.sketchedSolutions(sketch, iterations: 2) },
      [0.6433169948752504, 0.3446802673163154, 0.3478000664888433, 0.3472030219489992, 0.3467971769910829, 0.3466186359462])
  }

  /// As many steps as unknowns solve a row problem, and more do not spoil it.
  @Test(arguments: [3, 8, 30]) func enoughStepsAreExact(iterations: Int) throws {
    let rows = Paper.RowProblems(problem, try problem.start(rank: k, share: 0.6, threshold: 0.5))
    let sketch = CountSketch<Double>(of: n, into: 4 * k, key: Key(seed: 2))
    let exact = rows.exactSolutions()
    let difference = rows.sketchedSolutions(sketch, iterations: iterations) - exact
    #expect(difference.norm().scalar < 1e-11 * exact.norm().scalar)
  }

  /// A row without a seen entry more than its unknowns has no error to show: all is seen, and one half-sweep finds a matrix of rank k.
  @Test func oneHalfSweepFindsWhatIsSeenWhole() throws {
    let whole = Paper.Completion(target: problem.target, mask: .ones([n, n]))
    let start = try whole.start(rank: k, share: 1, threshold: 1)
    #expect(Paper.halfSweep(whole, start, .exact, key: Key(seed: 0)).error.scalar < 1e-14)
  }

  /// The counts of the card, by hand.
  @Test func operationsAreCounted() {
    let operations = Paper.Operations(seen: [3, 5], columns: 2)
    #expect(operations.exact == 2 * 8 * 4)
    #expect(operations.iterations(10) == 4 * 8 * 2 * 10)
    #expect(operations.sketch == 8 * 2 + 2 * (2 * 8 * 4))
  }
}
