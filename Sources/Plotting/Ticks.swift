import Foundation

/// The ticks of one axis: as many as have room for their labels.
struct Ticks {
  /// The commands that set them.
  private(set) var commands: [String] = []
  /// The width of the longest label, and the number of lines of the highest.
  private(set) var width = 0.0
  private(set) var lines = 1
  /// Whether labels stand askew, since they do not fit side by side.
  private(set) var areAskew = false

  /// The angle of labels askew, in degrees.
  static let angle = 35.0

  /// The ticks of `axis` from one end of `range` to the other, `length` centimetres apart.
  ///
  /// - Parameter name: gnuplot's name for the axis. Labels stand side by side on "x", one above the other on the others.
  init(_ axis: Axis, _ name: String, _ range: ClosedRange<Double>, length: Double) {
    if !axis.ticks.isEmpty {
      measure(axis.ticks.map(\.label))
      let ticks = axis.ticks.map { "\(Markup($0.label, keepsLines: true).quoted(isTick: true)) \(Number.text($0.value))" }
      commands = ["set \(name)tics (\(ticks.joined(separator: ", ")))"]
    } else if case .log(let base) = axis.scale {
      logarithmic(name, base: base, range, atMost: max(3, Int(length / (name == "x" ? 0.95 : 0.55))))
    } else {
      linear(name, range, length: length, least: axis.isCount ? 1 : 0)
    }
  }

  /// The names of categories at 1, 2, 3 ..., `room` centimetres apart: broken at spaces, or askew, when they do not fit.
  init(categories: [String], room: Double) {
    var labels = categories.map { Self.wrapped($0, width: room - 0.12) }
    areAskew = labels.contains { Theme.width($0) > room - 0.08 }
    if areAskew { labels = categories }
    measure(labels)
    let ticks = labels.enumerated().map { "\(Markup($1, keepsLines: true).quoted(isTick: true)) \($0 + 1)" }
    commands = [
      "set xtics scale 0\(areAskew ? " rotate by \(Number.short(Self.angle)) right" : "") (\(ticks.joined(separator: ", ")))"
    ]
  }

  /// The height of labels below the frame.
  var height: Double {
    let upright = 0.36 * Double(lines)
    guard areAskew else { return upright }
    let angle = Self.angle / 180 * .pi
    return width * sin(angle) + upright * cos(angle)
  }

  private mutating func measure(_ labels: [String]) {
    width = labels.map { Theme.width($0) }.max() ?? 0
    lines = labels.map { Markup($0, keepsLines: true).lineCount }.max() ?? 1
  }

  private static func wrapped(_ text: String, width: Double) -> String {
    text.prefix(300).split(whereSeparator: \.isNewline).map { line in
      line.split(separator: " ").reduce(into: "") { lines, word in
        let last = lines.split(separator: "\n").last ?? ""
        if last.isEmpty {
          lines += word
        } else {
          lines += (Theme.width("\(last) \(word)") <= width ? " " : "\n") + word
        }
      }
    }.joined(separator: "\n")
  }

  /// The least of 1, 2 and 5 times a power of ten whose labels stand apart.
  private mutating func linear(_ name: String, _ range: ClosedRange<Double>, length: Double, least: Double) {
    let span = range.upperBound - range.lowerBound
    let finest = max(span / 20, least)
    let power = pow(10, log10(finest).rounded(.down))
    let steps = [1, 2, 5, 10, 20, 50, 100].map { $0 * power }.filter { $0 >= finest * (1 - 1e-9) }
    let step = steps.first { step in length * step / span >= spacing(name, range, step) } ?? span
    measure(Self.labels(range, step))
    commands = ["set \(name)tics \(Number.short(step))"]
  }

  /// The room for a label and the gap to the next.
  private func spacing(_ name: String, _ range: ClosedRange<Double>, _ step: Double) -> Double {
    name == "x" ? (Self.labels(range, step).map { Theme.width($0) }.max() ?? 0) + 0.35 : 0.6
  }

  private static func labels(_ range: ClosedRange<Double>, _ step: Double) -> [String] {
    stride(from: (range.lowerBound / step).rounded(.up), through: (range.upperBound / step).rounded(.down), by: 1)
      .map { String(format: "%.6g", $0 * step) }
  }

  /// Labels at powers of the base, few enough to be read; over less than two powers at 1, 2 and 5 times a power.
  private mutating func logarithmic(_ name: String, base: Int, _ range: ClosedRange<Double>, atMost: Int) {
    // Not the logarithm of the quotient, which overflows over the whole range of Double.
    let powers = (log(range.upperBound) - log(range.lowerBound)) / log(Double(base))
    if base == 10, powers < 2 {
      let first = Int(log10(range.lowerBound).rounded(.down))
      let steps: [Double] = powers < 0.7 ? [1, 1.5, 2, 3, 4, 5, 6, 8] : [1, 2, 5]
      let values = (first...first + 3).flatMap { power in steps.map { $0 * pow(10, Double(power)) } }
        .filter { range.contains($0) }
      if values.count >= 2 {
        let ticks = values.map { String(format: "%.12g", $0) }
        measure(ticks)
        commands = ["set format \(name) '%g'", "set \(name)tics (\(ticks.joined(separator: ", ")))"]
        return
      }
    }
    let step = max(1, Int((powers / Double(atMost)).rounded(.up)))
    // gnuplot counts the steps from the end of the range unless it is told a power to begin with.
    let low = Int((log(range.lowerBound) / log(Double(base)) + 1e-9).rounded(.down))
    let start = Int((Double(low) / Double(step)).rounded(.down)) * step
    // Of a range that ends within rounding below a power, the power that it begins with.
    let end = max(start, Int((log(range.upperBound) / log(Double(base))).rounded(.down)))
    measure(["$\(base)^{\(low)}$", "$\(base)^{\(end)}$"])
    let exponent = base == 10 ? "10^{%T}" : "\(base)^{%L}"
    // A list beyond single steps: gnuplot 5.4 never ends when it is to step by 1e10 over a range of 90 decades.
    let powersOfBase = stride(from: start, through: end, by: step).map { Number.text(pow(Double(base), Double($0))) }
    commands = [
      "set format \(name) (latex ? '$\(exponent)$' : '\(exponent)')",
      "set \(name)tics " + (step == 1 ? "\(powersOfBase[0]),\(base)" : "(\(powersOfBase.joined(separator: ", ")))"),
      // Minor ticks between decades only where there is room for nine.
      base == 10 && step == 1 ? "set m\(name)tics 10" : "unset m\(name)tics",
    ]
  }
}
