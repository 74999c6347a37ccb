// Derivatives times an incoming gradient g, in one pass where the plain expression takes three or four.

extension Kernels {
  /// y = g (1 - t^2) for t = tanh x; 1 - t^2 is rounded once.
  package static func tanhGradient(
    _ t: UnsafePointer<Float>, _ tStep: Int, _ g: UnsafePointer<Float>, _ gStep: Int, _ y: UnsafeMutablePointer<Float>,
    _ count: Int
  ) {
    @inline(always) func function(_ t: SIMD16<Float>, _ g: SIMD16<Float>) -> SIMD16<Float> {
      g * SIMD16<Float>.all(1).addingProduct(-t, t)
    }
    SIMD16<Float>.map(t, tStep, g, gStep, y, count, function)
  }

  /// y = g (1 - t^2) for t = tanh x; 1 - t^2 is rounded once.
  package static func tanhGradient(
    _ t: UnsafePointer<Double>, _ tStep: Int, _ g: UnsafePointer<Double>, _ gStep: Int, _ y: UnsafeMutablePointer<Double>,
    _ count: Int
  ) {
    @inline(always) func function(_ t: SIMD8<Double>, _ g: SIMD8<Double>) -> SIMD8<Double> {
      g * SIMD8<Double>.all(1).addingProduct(-t, t)
    }
    SIMD8<Double>.map(t, tStep, g, gStep, y, count, function)
  }

  /// y = g s (1 - s) for s = sigmoid x.
  package static func sigmoidGradient(
    _ s: UnsafePointer<Float>, _ sStep: Int, _ g: UnsafePointer<Float>, _ gStep: Int, _ y: UnsafeMutablePointer<Float>,
    _ count: Int
  ) {
    @inline(always) func function(_ s: SIMD16<Float>, _ g: SIMD16<Float>) -> SIMD16<Float> { g * (s * (1 - s)) }
    SIMD16<Float>.map(s, sStep, g, gStep, y, count, function)
  }

  /// y = g s (1 - s) for s = sigmoid x.
  package static func sigmoidGradient(
    _ s: UnsafePointer<Double>, _ sStep: Int, _ g: UnsafePointer<Double>, _ gStep: Int, _ y: UnsafeMutablePointer<Double>,
    _ count: Int
  ) {
    @inline(always) func function(_ s: SIMD8<Double>, _ g: SIMD8<Double>) -> SIMD8<Double> { g * (s * (1 - s)) }
    SIMD8<Double>.map(s, sStep, g, gStep, y, count, function)
  }

  /// y = g where x > 0, else 0 (also where x is NaN).
  package static func reluGradient(
    _ x: UnsafePointer<Float>, _ xStep: Int, _ g: UnsafePointer<Float>, _ gStep: Int, _ y: UnsafeMutablePointer<Float>,
    _ count: Int
  ) {
    @inline(always) func function(_ x: SIMD16<Float>, _ g: SIMD16<Float>) -> SIMD16<Float> {
      SIMD16<Float>.zero.ifLess(x, g, else: .zero)
    }
    SIMD16<Float>.map(x, xStep, g, gStep, y, count, function)
  }

  /// y = g where x > 0, else 0 (also where x is NaN).
  package static func reluGradient(
    _ x: UnsafePointer<Double>, _ xStep: Int, _ g: UnsafePointer<Double>, _ gStep: Int, _ y: UnsafeMutablePointer<Double>,
    _ count: Int
  ) {
    @inline(always) func function(_ x: SIMD8<Double>, _ g: SIMD8<Double>) -> SIMD8<Double> {
      SIMD8<Double>.zero.ifLess(x, g, else: .zero)
    }
    SIMD8<Double>.map(x, xStep, g, gStep, y, count, function)
  }
}
