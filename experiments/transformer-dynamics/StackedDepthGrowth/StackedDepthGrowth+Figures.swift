import Diagnostics
import Notebook
import Plotting

extension StackedDepthGrowth {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let floor = try results.tensor("least loss").value()
    let loss = Axis("evaluation loss", unit: "nat")
    let sweeps = [
      try sweep("fig3", "growth time d", unit: "steps of the small model", settings.growthTimes, settings, results) {
        Plan(growthTime: $0, factor: settings.factor)
      },
      try sweep("fig4", "growth factor g", settings.factors, settings, results) {
        Plan(growthTime: settings.growthTime, factor: $0)
      },
    ]
    return [
      Figure(
        "fig1", title: "\(settings.depth) blocks grown to \(settings.finalDepth)", mirrors: "the loss against FLOPs",
        Panel(
          x: Axis("training compute", unit: "Tflop", from: 0), y: loss, legend: .outside,
          series: try Method.allCases.flatMap { method in
            let computes = try Curve(method, settings, results).computes.map { $0 / 1e12 }
            return try drawn(method, x: computes, results)
          }, annotations: [.horizontalLine(y: floor, label: "floor")]), panelWidth: 12, panelHeight: 8),
      Figure(
        "fig2", title: "The moment of growth", mirrors: "the jump of the loss at growth",
        Panel(
          x: Axis("steps since growth", from: -Double(settings.closeSteps), to: Double(2 * settings.closeSteps)), y: loss,
          legend: .outside,
          series: try Method.allCases.filter { $0 != .scratch }.flatMap { method in
            let steps = try Curve(method, settings, results).steps.map { $0 - (method == .small ? settings.growthTime : 0) }
            return try drawn(method, x: steps.map(Double.init), results)
          })),
    ] + sweeps.compactMap(\.self)
  }

  private static func drawn(_ method: Method, x: [Double], _ results: Results) throws -> [Series] {
    try results.trace("\(method.loop)/loss").banded(
      x: Column(x), at: ["method": .init(method.label)], label: method.label,
      style: .look(method.rawValue))
  }

  /// The last losses of G_stack over what a sweep varies; nil where nothing was varied.
  private static func sweep(
    _ id: String, _ label: String, unit: String = "", _ values: [Int], _ settings: Settings, _ results: Results,
    plan: (Int) -> Plan
  ) throws -> Figure? {
    guard !values.isEmpty else { return nil }
    let losses = try values.map { value in
      let plan = plan(value)
      let loop = plan == Plan(settings) ? "stack" : "\(plan.group)/stack"
      return try results.trace("\(loop)/loss").lastValues(at: ["method": .init(Method.stack.label)])
    }
    let scratch = try Curve(.scratch, settings, results)
    let compute =
      settings.operations(steps: settings.growthTime, depth: settings.depth)
      + settings.operations(steps: settings.stackSteps, depth: settings.finalDepth)
    let reference = median((0..<settings.seeds).map { scratch.loss(of: $0, after: compute) ?? .nan })
    let x = Column(values.map(Double.init))
    return Figure(
      id, title: "G_stack at equal compute", mirrors: "the guideline figures",
      Panel(
        x: Axis(label, unit: unit, scale: .log(base: 2), ticks: values.map { Axis.Tick(Double($0), "\($0)") }),
        y: Axis("last evaluation loss", unit: "nat"), legend: .none,
        series: [
          .band(x: x, lower: Column(losses.map { quantile($0, 0) }), upper: Column(losses.map { quantile($0, 1) })),
          .linesPoints(x: x, y: Column(losses.map(median))),
        ], annotations: reference.isNaN ? [] : [.horizontalLine(y: reference, label: "scratch")]))
  }

  /// A method's losses over its compute, that of the small model included.
  private struct Curve {
    /// Since growth, or since the start.
    var steps: [Int]
    /// In operations.
    var computes: [Double]
    /// Of each seed.
    var losses: [[Double]]

    init(_ method: Method, _ settings: Settings, _ results: Results) throws {
      let trace = try results.trace("\(method.loop)/loss")
      let growthCost = settings.operations(steps: settings.growthTime, depth: settings.depth)
      let depth = method == .small ? settings.depth : settings.finalDepth
      steps = try trace.coordinate("step").values.map { Int($0) }
      computes = steps.map { settings.operations(steps: $0, depth: depth) + (method.growth == nil ? 0 : growthCost) }
      losses = try trace.columns(at: ["method": .init(method.label)])
    }

    /// The loss of a seed after a compute between two evaluations, linear between them; nil outside.
    func loss(of seed: Int, after compute: Double) -> Double? {
      guard let next = computes.firstIndex(where: { $0 >= compute }) else { return nil }
      guard computes[next] > compute else { return losses[seed][next] }
      guard next > 0 else { return nil }
      let share = (compute - computes[next - 1]) / (computes[next] - computes[next - 1])
      return losses[seed][next - 1] + share * (losses[seed][next] - losses[seed][next - 1])
    }
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let floor = try results.tensor("least loss").value()
    let curve = { try Curve($0, settings, results) }
    let (small, scratch, stack, zero) = (try curve(.small), try curve(.scratch), try curve(.stack), try curve(.zero))
    let seeds = 0..<settings.seeds
    let last = { (curve: Curve) in curve.losses.map { $0.last ?? .nan } }
    let (smallLosses, targets) = (last(small), last(scratch))

    let costs = seeds.map { seed in
      firstHit(stack.losses[seed]) { $0 <= targets[seed] }.map { stack.computes[$0] / (scratch.computes.last ?? .nan) } ?? .nan
    }
    let changes = { (curve: Curve, step: Int) in
      seeds.map { seed in
        curve.steps.firstIndex(of: step).map { curve.losses[seed][$0] - smallLosses[seed] } ?? .nan
      }
    }
    let growthCost = settings.operations(steps: settings.growthTime, depth: settings.depth)
    let advantages = seeds.flatMap { seed in
      stack.computes.indices.filter { stack.computes[$0] > 1.5 * growthCost }.compactMap { place in
        scratch.loss(of: seed, after: stack.computes[place]).map { $0 - stack.losses[seed][place] }
      }
    }
    let saving = "Stacking a shallow model reaches the loss of training from scratch with less compute."
    let jump = "Stacking changes the function, zeroed blocks do not; the stacked model recovers within a few steps."
    return [
      Claim(
        "compute-saving", saving, source: "Figure 1 and Section 4, G_stack at 7B: a speed-up of 54.6 %",
        quantity: "compute of G_stack at the scratch model's last loss over that of the scratch model, the largest of all seeds",
        measured: quantile(costs, 1), basis: stack.losses.flatMap { $0 } + targets, expected: .atMost(0.85)),
      Claim(
        "compute-saving-above-floor", saving, source: "the target is to be above what the source's entropy allows",
        quantity: "the scratch model's last loss above the least one, in nats, the least of all seeds",
        measured: quantile(targets, 0) - floor, expected: .atLeast(0.2)),
      Claim(
        "not-function-preserving", jump, source: "Section 3",
        quantity: "loss right after G_stack above the small model's, in nats, the least of all seeds",
        measured: quantile(changes(stack, 0), 0), expected: .atLeast(0.3)),
      Claim(
        "not-function-preserving-zero", jump, source: "Section 3",
        quantity: "change of the loss by G_zero, in nats, the largest of all seeds",
        measured: quantile(changes(zero, 0).map(abs), 1), expected: .atMost(1e-4)),
      Claim(
        "not-function-preserving-recovery", jump, source: "Section 3",
        quantity: "loss 100 steps after G_stack above the small model's, in nats, the largest of all seeds",
        measured: quantile(changes(stack, 100), 1), expected: .atMost(0.1)),
      Claim(
        "beats-scratch-throughout", "The stacked model stays below training from scratch at equal compute.",
        source: "Section 4",
        quantity: """
          loss from scratch, linear between evaluations, above that of G_stack at every evaluation beyond 1.5 times the compute of the \
          small model, in nats, the least of all seeds
          """,
        measured: quantile(advantages, 0), expected: .atLeast(0.03)),
    ]
  }
}
