import ArgumentParser
import Notebook
import Optimizers
import Tensors
import Training

struct ListOptimizers: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "optimizers",
    abstract: "List the optimizers of the library, or show one: paper, rule, defaults.",
    discussion: "`offprint race` runs them against each other.")

  @Argument(help: "Only this one, in detail.", completion: .list(OptimizerCatalog.entries.map(\.name))) var optimizer: String?
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    let found: OptimizerEntry? = try optimizer.map { name in
      guard let entry = OptimizerCatalog.entry(named: name) else { throw ValidationError("\(RaceError.unknownOptimizer(name))") }
      return entry
    }
    if json {
      let rows = (found.map { [$0] } ?? OptimizerCatalog.entries).map(Row.init)
      Console.print(try optimizer == nil ? Console.json(rows) : Console.json(rows[0]))
    } else if let found {
      Console.print(Self.details(of: found))
    } else {
      let table = TextTable(
        header: ["optimizer", "title", "rate", "source"],
        rows: OptimizerCatalog.entries.map { [$0.name, $0.title, $0.make().learningRate.scalar.brief, $0.source] })
      Console.print(table.text(width: Console.width))
    }
  }

  private static func details(of entry: OptimizerEntry) -> String {
    let defaults = TextTable(header: ["constant", "default"], rows: entry.defaults.map { [$0.name, $0.value] })
    return """
      \(entry.title)
      \(entry.source)

        \(entry.formula)

      \(defaults.text(width: Console.width))

      rates of a tuned race: \(entry.rates.map(\.brief).joined(separator: ", "))
      race it: offprint race beale --optimizers \(entry.name) --tune
      """
  }

  private struct Row: Encodable {
    var name, title, source, formula: String
    var defaults: [String: String]
    var rates: [Double]

    init(_ entry: OptimizerEntry) {
      (name, title, source, formula) = (entry.name, entry.title, entry.source, entry.formula)
      defaults = Dictionary(entry.defaults.map { ($0.name, $0.value) }) { first, _ in first }
      rates = entry.rates
    }
  }
}
