import ArgumentParser
struct AggregateSweep: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "aggregate")
  func run() throws {}
}
