import Notebook
import Optimizers

/// What the template of the library's index shows: its parts, and the papers that use each.
struct LibraryPage {
  var title = "Library"
  var root = ""
  var isLibrary = true
  let optimizers: [OptimizerRow]
  let modules: [Module]

  struct OptimizerRow {
    var name, title, formula, source: String
    var papers: [String]
  }

  struct Module {
    var name: String
    var parts: [PartRow]
  }

  struct PartRow {
    var name, summary, source: String
    var papers: [String]
    var count: Int
  }

  init(_ reports: [PaperReport], index: SourceIndex, place: (String) -> String) {
    func users(of name: String) -> [String] {
      reports.filter { $0.source.uses.contains(name) }.map(\.paper.slug).sorted()
    }
    optimizers = OptimizerCatalog.entries.map { entry in
      // A wrapped rule is named by what it wraps it in.
      let type = "\(Swift.type(of: entry.make()))".prefix { $0 != "<" }
      return OptimizerRow(
        name: entry.name, title: entry.title, formula: Typesetting.html(entry.formula), source: entry.source,
        papers: users(of: String(type)))
    }
    modules = SourceIndex.modules.compactMap { module in
      let parts = index.parts.filter { $0.module == module }.map { part in
        let papers = users(of: part.name)
        return PartRow(
          name: part.name, summary: Typesetting.html(part.summary), source: place(part.file), papers: papers, count: papers.count)
      }
      let used = parts.filter { $0.count > 0 }.sorted { ($1.count, $0.name) < ($0.count, $1.name) }
      return used.isEmpty ? nil : Module(name: module, parts: used)
    }
  }
}
