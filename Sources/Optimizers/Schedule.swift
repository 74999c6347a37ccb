import Tensors

/// A factor of the learning rate as a function of the step, counted from 0: a value that a compiled step evaluates.
///
///     Adam<Float>(learningRate: 3e-3).scheduled(.warmUp(steps: 100) * .cosine(steps: 5000))
///
/// Schedules multiply: their product is a schedule. A staircase (once an epoch, say) is `every`.
public struct Schedule: Hashable, Codable, Sendable {
  private indirect enum Shape: Hashable, Codable {
    case constant(Double)
    case staircase(factor: Double, milestones: [Double])
    case polynomial(steps: Double, power: Double, end: Double)
    case cosine(restarts: [Double], lengths: [Double], floor: Double)
    case warmUp(steps: Double)
    case inversePower(power: Double, scale: Double)
    case product(Schedule, Schedule)
    case held(Schedule, steps: Double)
  }

  private var shape: Shape
  private init(_ shape: Shape) { self.shape = shape }

  /// Always `factor`.
  public static func constant(_ factor: Double = 1) -> Schedule { Schedule(.constant(factor)) }

  /// Multiplied by `factor` at each milestone, from that step on.
  public static func staircase(factor: Double, at milestones: [Int]) -> Schedule {
    Schedule(.staircase(factor: factor, milestones: milestones.map(Double.init)))
  }

  /// From 1 to `end` along (1 - t / steps)^power, and `end` from there on. Power 1 is linear.
  public static func polynomial(steps: Int, power: Double = 1, end: Double = 0) -> Schedule {
    Schedule(.polynomial(steps: Double(steps), power: power, end: end))
  }

  /// Half a cosine from 1 to `floor`, and `floor` from there on: the case without restarts of ``warmRestarts(first:multiplier:floor:until:)``.
  public static func cosine(steps: Int, floor: Double = 0) -> Schedule {
    Schedule(.cosine(restarts: [0], lengths: [Double(steps)], floor: floor))
  }

  /// Half a cosine from 1 to `floor` in cycles, the first of `first` steps, each `multiplier` times as long as the one before
  /// (Loshchilov and Hutter 2016, arXiv 1608.03983, Eq. 5). The factor is 1 at the first step of a cycle.
  /// - Parameter until: a step up to which the schedule is needed; the last cycle that begins before it is followed by `floor`.
  public static func warmRestarts(first: Int, multiplier: Double = 1, floor: Double = 0, until: Int) -> Schedule {
    guard first > 0, multiplier >= 1 else {
      fatalError("Schedule.warmRestarts: cycles of \(first) steps, growing by \(multiplier); take at least 1 and 1")
    }
    var (restarts, lengths) = ([0.0], [Double(first)])
    while restarts[restarts.count - 1] + lengths[lengths.count - 1] < Double(until) {
      restarts.append(restarts[restarts.count - 1] + lengths[lengths.count - 1])
      lengths.append(lengths[lengths.count - 1] * multiplier)
    }
    return Schedule(.cosine(restarts: restarts, lengths: lengths, floor: floor))
  }

  /// (t + 1) / steps, and 1 from there on.
  public static func warmUp(steps: Int) -> Schedule { Schedule(.warmUp(steps: Double(steps))) }

  /// 1 / (1 + t / scale).
  public static func inverseTime(scale: Double = 1) -> Schedule { Schedule(.inversePower(power: 1, scale: scale)) }

  /// 1 / sqrt(1 + t / scale).
  public static func inverseSquareRoot(scale: Double = 1) -> Schedule { Schedule(.inversePower(power: 0.5, scale: scale)) }

  /// 1 / (1 + t / scale)^power.
  public static func inversePower(_ power: Double, scale: Double = 1) -> Schedule {
    Schedule(.inversePower(power: power, scale: scale))
  }

  /// The product of two schedules.
  public static func * (a: Schedule, b: Schedule) -> Schedule { Schedule(.product(a, b)) }

  /// The schedule, looked at once in `steps` steps: a staircase, as when it is advanced once an epoch.
  public func held(for steps: Int) -> Schedule { Schedule(.held(self, steps: Double(steps))) }

  /// The factor at a step, which may be traced, or lie between two steps.
  public func factor<Scalar: RealScalar>(at t: Tensor<Scalar>) -> Tensor<Scalar> {
    switch shape {
    case .constant(let factor): Tensor(Scalar(factor))
    case .staircase(let factor, let milestones):
      milestones.reduce(Tensor(1)) { $0 * .where(t .>= Scalar($1), Scalar(factor), Scalar(1)) }
    case .polynomial(let steps, let power, let end):
      Scalar(1 - end) * (1 - t / Scalar(steps)).clamped(0, 1).power(Scalar(power)) + Scalar(end)
    case .cosine(let restarts, let lengths, let floor):
      cosine(t, restarts, lengths, floor)
    case .warmUp(let steps): ((t + 1) / Scalar(steps)).clamped(0, 1)
    case .inversePower(let power, let scale): (1 + t / Scalar(scale)).power(Scalar(-power))
    case .product(let a, let b): a.factor(at: t) * b.factor(at: t)
    case .held(let schedule, let steps): schedule.factor(at: (t / Scalar(steps)).floor() * Scalar(steps))
    }
  }

  private func cosine<Scalar: RealScalar>(
    _ t: Tensor<Scalar>, _ restarts: [Double], _ lengths: [Double], _ floor: Double
  ) -> Tensor<Scalar> {
    // T_cur / T_i of the cycle that t lies in.
    var phase = t / Scalar(lengths[0])
    for (start, length) in zip(restarts, lengths).dropFirst() {
      phase = .where(t .>= Scalar(start), (t - Scalar(start)) / Scalar(length), phase)
    }
    return Scalar(floor) + Scalar(0.5 * (1 - floor)) * (1 + (phase.clamped(0, 1) * Scalar.pi).cos())
  }

  /// The factor at a known step.
  public func factor(at step: Double) -> Double { factor(at: Tensor(step)).scalar }
}
