import Foundation
import Mustache
import Notebook
import Plotting

/// A static site about all papers, made from the stored results: opens from the file system, without network.
///
///     report/index.html                 the gallery: every paper with its picture and verdicts, filters, search
///     report/papers/<slug>.html         one paper
///     report/library.html               optimizers and other parts of the library, and the papers that use them
///     report/figures/<slug>/<id>.svg    the figures
public struct Site {
  private let experiments: [(topic: String, experiment: any Experiment.Type)]
  private let folders: Folders
  private let root: String

  /// - Parameters:
  ///   - experiments: the papers, each with the name of its topic, in the order of the gallery.
  ///   - folders: where results and figures lie.
  ///   - root: the checkout, for doc comments and links to the sources; they are left out where it has none.
  public init(_ experiments: [(topic: String, experiment: any Experiment.Type)], folders: Folders, root: String = ".") {
    (self.experiments, self.folders, self.root) = (experiments, folders, root)
  }

  /// What was written.
  public struct Summary: Sendable {
    /// The gallery.
    public var page: String
    /// How many papers have a result, among how many.
    public var run, papers: Int
    /// How many figures were put in.
    public var figures: Int
    /// A line for each result, figure or setting that could not be read or drawn.
    public var problems: [String]
  }

  /// The results that the site is made from.
  public var files: [String] { experiments.flatMap { folders.storedResults(of: $0.experiment.paper.slug) } }

  /// Reads one of ``files`` as the site does, for whoever wants to know whether that can be survived.
  public func tryReading(_ file: String) {
    for (topic, experiment) in experiments {
      func read<E: Experiment>(_ experiment: E.Type) {
        let all = folders.storedResults(of: E.paper.slug)
        guard all.contains(file) else { return }
        let others = Set(all.filter { $0 != file })
        let report = PaperReport(
          experiment, topic: topic, folders: folders, source: SourceIndex.Paper(), unreadable: others)
        _ = PaperPage(report, pictures: [], index: SourceIndex(root: "/dev/null")) { $0 }
      }
      read(experiment)
    }
  }

  /// Writes the site.
  /// - Parameter unreadable: results that are said to be unreadable, not opened.
  /// - Throws: ``NotebookError/notWritable(_:reason:)``. A result that cannot be read is a line of the summary, and its paper's page says so.
  public func write(to folder: String, without unreadable: Set<String> = []) throws -> Summary {
    let index = SourceIndex(root: root)
    let reports = experiments.map { entry in
      func report<E: Experiment>(_ experiment: E.Type) -> PaperReport {
        let source = index.papers[E.paper.slug] ?? SourceIndex.Paper()
        return PaperReport(experiment, topic: entry.topic, folders: folders, source: source, unreadable: unreadable)
      }
      return report(entry.experiment)
    }
    for part in ["papers", "figures"] { try AtomicFile.makeFolder("\(folder)/\(part)") }
    let pictures = try Pictures(of: reports, in: folders, to: folder)
    let templates = try Templates()
    let place = { (path: String) in RelativePath.from(folder: folder, to: "\(self.root)/\(path)") }
    for report in reports {
      let page = PaperPage(report, pictures: pictures.entries[report.paper.slug] ?? [], index: index) { "../\(place($0))" }
      try templates.write(page, "paper", to: "\(folder)/papers/\(report.paper.slug).html")
    }
    try templates.write(GalleryPage(reports, pictures: pictures.entries), "gallery", to: "\(folder)/index.html")
    try templates.write(LibraryPage(reports, index: index, place: place), "library", to: "\(folder)/library.html")
    try AtomicFile.write(Data(PackageResources.style_css), to: "\(folder)/style.css")
    try AtomicFile.write(Data(PackageResources.report_js), to: "\(folder)/report.js")
    let problems = reports.flatMap { report in report.problems.map { "\(report.paper.slug): \($0)" } } + pictures.problems
    return Summary(
      page: "\(folder)/index.html", run: reports.count { $0.main != nil }, papers: reports.count,
      figures: pictures.entries.values.reduce(0) { $0 + $1.count }, problems: problems)
  }
}

/// The pages' templates, compiled once.
private struct Templates {
  private let library: MustacheLibrary

  init() throws {
    MustacheContentTypes.register(PageText(), named: "PAGE")
    let texts = [
      "page": PackageResources.page_mustache, "gallery": PackageResources.gallery_mustache,
      "paper": PackageResources.paper_mustache, "library": PackageResources.library_mustache,
    ]
    library = MustacheLibrary(
      templates: try texts.mapValues { try MustacheTemplate(string: String(decoding: $0, as: UTF8.self)) })
  }

  func write(_ page: some Any, _ template: String, to path: String) throws {
    guard let html = library.render(page, withTemplate: template) else { preconditionFailure("there is no template \(template)") }
    try AtomicFile.write(Data(html.utf8), to: path)
  }
}

/// How the templates escape what is in two braces; the library's own way takes a `<` with an accent on it for another character.
private struct PageText: MustacheContentType {
  func escapeText(_ text: String) -> String { Typesetting.escaped(text) }
}

/// The way from one place to another.
package enum RelativePath {
  /// From a folder to a file, escaped for a link.
  static func from(folder: String, to path: String) -> String {
    let allowed = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-._~+/"))
    let way = plain(fromFolder: folder, to: path)
    return way.addingPercentEncoding(withAllowedCharacters: allowed) ?? way
  }

  /// From a folder to a file.
  package static func plain(fromFolder folder: String, to path: String) -> String {
    let start = URL(filePath: folder).standardizedFileURL.pathComponents
    let end = URL(filePath: path).standardizedFileURL.pathComponents
    let shared = zip(start, end).prefix { $0 == $1 }.count
    return (Array(repeating: "..", count: start.count - shared) + end.dropFirst(shared)).joined(separator: "/")
  }
}
