import Tensors

/// A line search for the strong Wolfe conditions (Nocedal and Wright 2006, algorithms 3.5 and 3.6).
struct WolfeSearch<Scalar: RealScalar> {
  struct Point {
    var point: Tensor<Scalar>
    var value: Double
    var gradient: Tensor<Scalar>
    var size: Double { Double(gradient.abs().max().scalar) }
  }

  /// One place along the line: its step, its value and its slope.
  private struct Place {
    var step: Double
    var slope: Double
    var at: Point
  }

  private(set) var evaluations = 0
  private let function: (Tensor<Scalar>) -> (Double, Tensor<Scalar>)
  private let decrease = 1e-4
  private let curvature = 0.9

  init(_ function: @escaping (Tensor<Scalar>) -> (Double, Tensor<Scalar>)) { self.function = function }

  mutating func evaluate(_ x: Tensor<Scalar>) -> Point {
    evaluations += 1
    let (value, gradient) = function(x)
    return Point(point: x, value: value, gradient: gradient)
  }

  /// The next point along a direction of descent; nil if none is lower.
  mutating func step(_ start: Point, _ direction: Tensor<Scalar>, _ slope: Double, _ first: Double) -> Point? {
    let origin = Place(step: 0, slope: slope, at: start)
    var previous = origin
    var step = first
    for trial in 0..<30 {
      let place = self.place(start, direction, step)
      if !isLowEnough(place, origin) || (trial > 0 && place.at.value >= previous.at.value) {
        return zoom(origin, direction, previous, place)
      }
      if abs(place.slope) <= -curvature * slope { return place.at }
      if place.slope >= 0 { return zoom(origin, direction, place, previous) }
      previous = place
      step *= 2
    }
    return previous.at
  }

  private mutating func place(_ start: Point, _ direction: Tensor<Scalar>, _ step: Double) -> Place {
    let at = evaluate(start.point + direction * Scalar(step))
    return Place(step: step, slope: Double(at.gradient.dot(direction).scalar), at: at)
  }

  private func isLowEnough(_ place: Place, _ origin: Place) -> Bool {
    place.at.value <= origin.at.value + decrease * place.step * origin.slope
  }

  /// Between the lowest place so far and another that bounds it.
  private mutating func zoom(_ origin: Place, _ direction: Tensor<Scalar>, _ lowest: Place, _ bound: Place) -> Point? {
    var (low, high) = (lowest, bound)
    for _ in 0..<40 {
      let place = self.place(origin.at, direction, cubicMinimum(low, high))
      if !isLowEnough(place, origin) || place.at.value >= low.at.value {
        high = place
      } else {
        if abs(place.slope) <= -curvature * origin.slope { return place.at }
        if place.slope * (high.step - low.step) >= 0 { high = low }
        low = place
      }
      if abs(high.step - low.step) <= 1e-14 * max(1, abs(low.step)) { break }
    }
    return low.step > 0 ? low.at : nil
  }

  /// The minimum of the cubic through both values and slopes, kept off the ends; the middle if there is none.
  private func cubicMinimum(_ a: Place, _ b: Place) -> Double {
    let d1 = a.slope + b.slope - 3 * (a.at.value - b.at.value) / (a.step - b.step)
    let square = d1 * d1 - a.slope * b.slope
    let d2 = (b.step > a.step ? 1 : -1) * square.squareRoot()
    let step = b.step - (b.step - a.step) * (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2)
    let (low, width) = (min(a.step, b.step), abs(a.step - b.step))
    return step.isFinite && step > low + 0.1 * width && step < low + 0.9 * width ? step : low + width / 2
  }
}
