import Optimizers
import Problems
import Tensors
import Transforms

/// Where the repetitions of a method stand, [repetitions, d].
package struct HandbookRun: TensorTree, Codable {
  package var x: Tensor<Double>
  /// What else the method keeps: the sum of x_0, ..., x_(t-1), the momentum m, or z.
  package var memory: Tensor<Double>

  /// x_0 in every repetition.
  package init(_ start: Tensor<Double>, repetitions: Int) {
    x = start.broadcast(to: [repetitions, start.count])
    memory = .zeros([repetitions, start.count])
  }
}

/// A theorem made executable: a method, the error that it bounds, and the bound.
struct HandbookCase {
  var steps: Int
  var start: HandbookRun
  /// Step t, traced: the state, t, and the key of its draws.
  var step: (HandbookRun, Tensor<Double>, Key) -> HandbookRun
  /// The error of each repetition after t steps, traced.
  var error: (HandbookRun, Tensor<Double>) -> Tensor<Double>
  /// What the theorem says of the expected error after T steps.
  var bound: (Int) -> Double
}

/// The gradient of a step at each of [repetitions, d].
package typealias SampledGradient = (_ x: Tensor<Double>, Key) -> Tensor<Double>

// MARK: Gradients

extension HandbookProblem {
  /// The full gradient.
  var fullGradient: SampledGradient {
    let model = model
    return { x, _ in vmap { model.gradient(at: $0) }(x) }
  }

  /// The mean over b samples drawn without replacement, b of n places in a random order.
  package func minibatch(_ b: Int) -> SampledGradient {
    let model = model
    return { x, key in
      let indices =
        b == 1
        ? Tensor<Int32>.integers([x.shape[0], 1], in: 0..<Int32(model.count), key: key)
        : Tensor<Double>.uniform([x.shape[0], model.count], key: key).argsort().slice(All(), 0..<b)
      return vmap { (x: Tensor<Double>, indices: Tensor<Int32>) in model.gradient(at: x, of: indices) }(x, indices)
    }
  }

  // MARK: Errors

  /// ||x - x*||².
  var distanceError: (HandbookRun, Tensor<Double>) -> Tensor<Double> {
    let point = minimum.point
    return { run, _ in (run.x - point).squaredNorm(1) }
  }

  /// f(x) - f*.
  var gapError: (HandbookRun, Tensor<Double>) -> Tensor<Double> {
    let (model, least) = (model, minimum.value)
    return { run, _ in vmap { model.value(at: $0) }(run.x) - least }
  }

  /// f of the average of x_0, ..., x_(t-1), minus f*.
  var averageGapError: (HandbookRun, Tensor<Double>) -> Tensor<Double> {
    let (model, least) = (model, minimum.value)
    return { run, t in vmap { model.value(at: $0) }(run.memory / t) - least }
  }
}

// MARK: Methods

extension HandbookCase {
  /// x <- prox(x - gamma g), the average of the x before it kept.
  static func descent(
    rate: Double, _ gradient: @escaping SampledGradient, prox: @escaping (Tensor<Double>) -> Tensor<Double> = { $0 }
  ) -> (HandbookRun, Tensor<Double>, Key) -> HandbookRun {
    { run, _, key in
      var next = run
      next.memory = run.memory + run.x
      next.x = prox(run.x - rate * gradient(run.x, key))
      return next
    }
  }

  /// m <- beta_t m + g, x <- x - gamma_t m with gamma_t = 2 eta / (t + 3), beta_t = t / (t + 2).
  static func heavyBall(eta: Double, _ gradient: @escaping SampledGradient) -> (HandbookRun, Tensor<Double>, Key) -> HandbookRun {
    { run, t, key in
      var next = run
      next.memory = (t / (t + 2)) * run.memory + gradient(run.x, key)
      next.x = run.x - (2 * eta / (t + 3)) * next.memory
      return next
    }
  }

  /// The same method by averaging: z <- z - eta g, x <- ((t + 1) x + 2 z) / (t + 3), from z = x_0.
  static func averaging(eta: Double, _ gradient: @escaping SampledGradient) -> (HandbookRun, Tensor<Double>, Key) -> HandbookRun {
    { run, t, key in
      var next = run
      next.memory = run.memory - eta * gradient(run.x, key)
      next.x = ((t + 1) * run.x + 2 * next.memory) / (t + 3)
      return next
    }
  }

  /// Projected subgradient steps of length D / (G sqrt(T)), with the bound D² / (2 gamma t) + gamma G² / 2, which is D G / sqrt(T) at t = T.
  static func subgradient(
    _ problem: HingeProblem, slope: Double, steps: Int, repetitions: Int, _ gradient: @escaping SampledGradient
  ) -> HandbookCase {
    let (distance, rate) = (problem.distance, problem.distance / (slope * Double(steps).squareRoot()))
    return HandbookCase(
      steps: steps, start: HandbookRun(.zeros(problem.rows.shape[1]), repetitions: repetitions),
      step: descent(rate: rate, gradient) { projectedOnBall($0, radius: distance) },
      error: { run, t in problem.value(at: run.memory / t) },
      bound: { distance * distance / (2 * rate * Double($0)) + rate * slope * slope / 2 })
  }
}
