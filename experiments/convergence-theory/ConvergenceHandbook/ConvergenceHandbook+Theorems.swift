import Foundation
import Optimizers
import Problems
import Tensors

/// The cases that are run: a theorem each, on a problem and with a step size.
package enum HandbookTheorem: String, CaseIterable, Sendable {
  case descentConvex = "gd-convex"
  case descentLogistic = "gd-convex-logistic"
  case descentWorst = "gd-convex-worst"
  case descentStronglyConvex = "gd-strongly-convex"
  case descentSlowest = "gd-slowest-direction"
  case descentPL = "gd-pl"
  case sgdConvex4 = "sgd-convex-4"
  case sgdConvex20 = "sgd-convex-20"
  case sgdInterpolation = "sgd-interpolation"
  case sgdStrong2 = "sgd-strongly-convex-2"
  case sgdStrong4 = "sgd-strongly-convex-4"
  case sgdStrong20 = "sgd-strongly-convex-20"
  case sgdLogistic = "sgd-strongly-convex-logistic"
  case minibatch10 = "minibatch-10"
  case minibatch50 = "minibatch-50"
  case momentum = "momentum"
  case subgradient = "subgradient"
  case stochasticSubgradient = "stochastic-subgradient"
  case proximalDescent = "proximal-gd"
  case proximalSGD = "proximal-sgd"

  /// The number on the card, and the case in words.
  package var title: String {
    switch self {
    case .descentConvex: "1 GD, least squares"
    case .descentLogistic: "1 GD, logistic"
    case .descentWorst: "1 GD, worst case"
    case .descentStronglyConvex: "2 GD, least squares"
    case .descentSlowest: "2 GD, slowest direction"
    case .descentPL: "3 GD, PL"
    case .sgdConvex4: "4 SGD, γ = 1/(4L)"
    case .sgdConvex20: "4 SGD, γ = 1/(20L)"
    case .sgdInterpolation: "4 SGD, interpolation"
    case .sgdStrong2: "5 SGD, γ = 1/(2L)"
    case .sgdStrong4: "5 SGD, γ = 1/(4L)"
    case .sgdStrong20: "5 SGD, γ = 1/(20L)"
    case .sgdLogistic: "5 SGD, logistic"
    case .minibatch10: "6 mini-batch, b = 10"
    case .minibatch50: "6 mini-batch, b = 50"
    case .momentum: "7 momentum"
    case .subgradient: "8 subgradient"
    case .stochasticSubgradient: "9 stochastic subgradient"
    case .proximalDescent: "10 proximal GD"
    case .proximalSGD: "11 proximal SGD"
    }
  }

  /// What the theorem bounds.
  package var quantity: String {
    switch self {
    case .descentStronglyConvex, .descentSlowest, .sgdStrong2, .sgdStrong4, .sgdStrong20, .sgdLogistic, .minibatch10,
      .minibatch50:
      "‖x − x*‖²"
    case .sgdConvex4, .sgdConvex20, .sgdInterpolation, .subgradient, .stochasticSubgradient, .proximalSGD: "f(average) − f*"
    default: "f(x) − f*"
    }
  }

  func makeCase(_ problems: HandbookProblems, _ settings: ConvergenceHandbook.Settings) -> HandbookCase {
    let squares = problems.leastSquares
    switch self {
    case .descentConvex: return Self.descentConvex(squares, settings)
    case .descentLogistic: return Self.descentConvex(problems.logistic, settings)
    case .descentWorst: return Self.descentWorst(settings)
    case .descentStronglyConvex: return Self.descentStronglyConvex(squares, settings)
    case .descentSlowest: return Self.descentSlowest(squares, settings)
    case .descentPL: return Self.descentPL(problems.rankDeficient, settings)
    case .sgdConvex4: return Self.sgdConvex(squares, settings, fraction: 4)
    case .sgdConvex20: return Self.sgdConvex(squares, settings, fraction: 20)
    case .sgdInterpolation: return Self.sgdConvex(problems.rankDeficient, settings, fraction: 4)
    case .sgdStrong2: return Self.sgdStrong(squares, settings, fraction: 2)
    case .sgdStrong4: return Self.sgdStrong(squares, settings, fraction: 4)
    case .sgdStrong20: return Self.sgdStrong(squares, settings, fraction: 20)
    case .sgdLogistic: return Self.sgdStrong(problems.logistic, settings, fraction: 2)
    case .minibatch10: return Self.sgdStrong(squares, settings, fraction: 2, batch: 10)
    case .minibatch50: return Self.sgdStrong(squares, settings, fraction: 2, batch: 50)
    case .momentum: return Self.momentum(squares, settings)
    case .subgradient:
      return .subgradient(problems.hinge, slope: problems.hinge.largestSlope, steps: settings.steps, repetitions: 1) { x, _ in
        problems.hinge.subgradient(at: x)
      }
    case .stochasticSubgradient:
      let repetitions = settings.repetitions
      let count = Int32(problems.hinge.rows.shape[0])
      return .subgradient(
        problems.hinge, slope: problems.hinge.meanSquareSlope, steps: settings.steps, repetitions: repetitions
      ) { x, key in
        problems.hinge.subgradient(at: x, of: Tensor<Int32>.integers([repetitions], in: 0..<count, key: key))
      }
    case .proximalDescent:
      return Self.proximal(problems, settings, rate: 1 / problems.lasso.model.smoothness, isStochastic: false)
    case .proximalSGD:
      return Self.proximal(problems, settings, rate: 1 / (8 * problems.lasso.model.largestSmoothness), isStochastic: true)
    }
  }

  /// Theorem 1, gamma = 1 / L: f(x_T) - f* <= D² / (2 gamma T).
  private static func descentConvex(_ problem: HandbookProblem, _ settings: ConvergenceHandbook.Settings) -> HandbookCase {
    let rate = 1 / problem.model.smoothness
    return HandbookCase(
      steps: settings.descentSteps, start: HandbookRun(.zeros(problem.model.dimension), repetitions: 1),
      step: HandbookCase.descent(rate: rate, problem.fullGradient), error: problem.gapError,
      bound: { problem.squaredDistance / (2 * rate * Double($0)) })
  }

  /// Theorem 1 where it is nearly tight: f(x) = x²/2 up to |x| = 1/(2T + 1), linear from there, from x_0 = 1; then
  /// f(x_T) - f* = 1 / (4T + 2) (Drori and Teboulle 2014).
  private static func descentWorst(_ settings: ConvergenceHandbook.Settings) -> HandbookCase {
    let corner = 1 / Double(2 * settings.descentSteps + 1)
    return HandbookCase(
      steps: settings.descentSteps, start: HandbookRun(.ones(1), repetitions: 1),
      step: HandbookCase.descent(rate: 1) { x, _ in x.clamped(-corner, corner) },
      error: { run, _ in
        let inner = run.x.clamped(-corner, corner)
        return (inner.square() * 0.5 + corner * (run.x - inner).abs()).sum(1)
      },
      bound: { 1 / (2 * Double($0)) })
  }

  /// Theorem 2: ||x_T - x*||² <= (1 - gamma mu)^T D².
  private static func descentStronglyConvex(_ problem: HandbookProblem, _ settings: ConvergenceHandbook.Settings) -> HandbookCase
  {
    let rate = 1 / problem.model.smoothness
    return HandbookCase(
      steps: settings.descentSteps, start: HandbookRun(.zeros(problem.model.dimension), repetitions: 1),
      step: HandbookCase.descent(rate: rate, problem.fullGradient), error: problem.distanceError,
      bound: { pow(1 - rate * problem.model.strongConvexity, Double($0)) * problem.squaredDistance })
  }

  /// Theorem 2 from the eigenvector of the least eigenvalue, the minimum moved to 0 so that no digits are lost.
  private static func descentSlowest(_ problem: HandbookProblem, _ settings: ConvergenceHandbook.Settings) -> HandbookCase {
    let form = QuadraticForm(matrix: problem.model.hessian(at: problem.minimum.point))
    let rate = 1 / form.smoothness
    return HandbookCase(
      steps: settings.descentSteps, start: HandbookRun(form.matrix.eigh().vectors.slice(All(), 0), repetitions: 1),
      step: HandbookCase.descent(rate: rate) { x, _ in matmul(x, form.matrix) }, error: { run, _ in run.x.squaredNorm(1) },
      bound: { pow(1 - rate * form.strongConvexity, Double($0)) })
  }

  /// Theorem 3: f(x_T) - f* <= (1 - gamma mu)^T (f(x_0) - f*).
  private static func descentPL(_ problem: HandbookProblem, _ settings: ConvergenceHandbook.Settings) -> HandbookCase {
    let rate = 1 / problem.model.smoothness
    return HandbookCase(
      steps: settings.descentSteps, start: HandbookRun(.zeros(problem.model.dimension), repetitions: 1),
      step: HandbookCase.descent(rate: rate, problem.fullGradient), error: problem.gapError,
      bound: { pow(1 - rate * problem.model.polyakLojasiewicz, Double($0)) * problem.firstGap })
  }

  /// Theorem 4, gamma <= 1 / (4 L_max): E f(average) - f* <= D² / (2 gamma (1 - 2 gamma L_max) T) + gamma sigma*² / (1 - 2 gamma L_max).
  private static func sgdConvex(
    _ problem: HandbookProblem, _ settings: ConvergenceHandbook.Settings, fraction: Double
  ) -> HandbookCase {
    let largest = problem.model.largestSmoothness
    let rate = 1 / (fraction * largest)
    precondition(rate <= 1 / (4 * largest), "theorem 4 asks for a step size of at most 1 / (4 L_max)")
    let slack = 1 - 2 * rate * largest
    return HandbookCase(
      steps: settings.steps, start: HandbookRun(.zeros(problem.model.dimension), repetitions: settings.repetitions),
      step: HandbookCase.descent(rate: rate, problem.minibatch(1)), error: problem.averageGapError,
      bound: { problem.squaredDistance / (2 * rate * slack * Double($0)) + rate * problem.noise / slack })
  }

  /// Theorems 5 and 6, gamma <= 1 / (2 L_b): E ||x_T - x*||² <= (1 - gamma mu)^T D² + 2 gamma sigma_b² / mu.
  private static func sgdStrong(
    _ problem: HandbookProblem, _ settings: ConvergenceHandbook.Settings, fraction: Double, batch: Int = 1
  ) -> HandbookCase {
    let rate = 1 / (fraction * problem.smoothness(batch: batch))
    precondition(fraction >= 2, "theorem 5 asks for a step size of at most 1 / (2 L_b)")
    let mu = problem.model.strongConvexity
    return HandbookCase(
      steps: settings.steps, start: HandbookRun(.zeros(problem.model.dimension), repetitions: settings.repetitions),
      step: HandbookCase.descent(rate: rate, problem.minibatch(batch)), error: problem.distanceError,
      bound: { pow(1 - rate * mu, Double($0)) * problem.squaredDistance + 2 * rate * problem.noise(batch: batch) / mu })
  }

  /// Theorem 7, eta = 1 / (4 L_max): E f(x_T) - f* <= D² / (eta (T + 1)) + 2 eta sigma*².
  private static func momentum(_ problem: HandbookProblem, _ settings: ConvergenceHandbook.Settings) -> HandbookCase {
    let eta = 1 / (4 * problem.model.largestSmoothness)
    return HandbookCase(
      steps: settings.steps, start: HandbookRun(.zeros(problem.model.dimension), repetitions: settings.repetitions),
      step: HandbookCase.heavyBall(eta: eta, problem.minibatch(1)), error: problem.gapError,
      bound: { problem.squaredDistance / (eta * Double($0 + 1)) + 2 * eta * problem.noise })
  }

  /// Theorem 10, gamma = 1 / L: F(x_T) - F* <= D² / (2 gamma T). Theorem 11, gamma < 1 / (4 L_max):
  /// E F(average) - F* <= (D² + 2 gamma (F(x_0) - F*)) / (2 gamma (1 - 4 gamma L_max) T) + 2 gamma sigma*² / (1 - 4 gamma L_max).
  private static func proximal(
    _ problems: HandbookProblems, _ settings: ConvergenceHandbook.Settings, rate: Double, isStochastic: Bool
  ) -> HandbookCase {
    let (problem, l1) = (problems.lasso, problems.l1)
    let smoothGap = isStochastic ? problem.averageGapError : problem.gapError
    let slack = 1 - 4 * rate * problem.model.largestSmoothness
    let repetitions = isStochastic ? settings.repetitions : 1
    return HandbookCase(
      steps: isStochastic ? settings.steps : settings.descentSteps,
      start: HandbookRun(.zeros(problem.model.dimension), repetitions: repetitions),
      step: HandbookCase.descent(rate: rate, isStochastic ? problem.minibatch(1) : problem.fullGradient) {
        softThreshold($0, by: rate * l1)
      },
      error: { run, t in smoothGap(run, t) + l1 * (isStochastic ? run.memory / t : run.x).abs().sum(1) },
      bound: { steps in
        guard isStochastic else { return problem.squaredDistance / (2 * rate * Double(steps)) }
        return (problem.squaredDistance + 2 * rate * problem.firstGap) / (2 * rate * slack * Double(steps))
          + 2 * rate * problem.noise / slack
      })
  }
}
