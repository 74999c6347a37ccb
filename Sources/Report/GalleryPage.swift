import Foundation
import Notebook

/// What the gallery's template shows.
struct GalleryPage {
  var title = "Gallery"
  var root = ""
  var isGallery = true
  let summary: String
  let topics: [TopicChoice]
  let standings: [String]
  let cards: [Card]

  struct TopicChoice {
    var name: String
    var count: Int
  }

  /// One paper in the gallery.
  struct Card {
    var slug, title, authors, topic, fidelity, standing, badge, seconds, words: String
    var standingClass: String
    /// The first figure; nil when there is none.
    var picture: Picture?
  }

  struct Picture {
    var path, description: String
    var width, height: Int
  }

  init(_ reports: [PaperReport], pictures: [String: [Pictures.Entry]]) {
    cards = reports.map { Card($0, picture: pictures[$0.paper.slug]?.first) }
    topics = Dictionary(grouping: reports, by: \.topic).map { TopicChoice(name: $0, count: $1.count) }.sorted {
      $0.name < $1.name
    }
    standings = PaperReport.Standing.allCases.map(\.rawValue)
    let claims = reports.reduce(0) { $0 + $1.claims.count }
    let reproduced = reports.reduce(0) { $0 + $1.reproducedCount }
    let run = reports.count { $0.standing != .notRun }
    summary = "\(run) of \(reports.count) papers run; \(reproduced) of \(claims) claims reproduced"
  }
}

extension GalleryPage.Card {
  init(_ report: PaperReport, picture: Pictures.Entry?) {
    let paper = report.paper
    slug = paper.slug
    title = Typesetting.html(paper.title)
    authors = Self.short(paper.authors) + " (\(paper.year))"
    topic = report.topic
    fidelity = paper.fidelity.rawValue
    standing = report.standing.rawValue
    standingClass = report.standing.cssClass
    badge = report.standing == .notRun ? "not run" : "\(report.reproducedCount) of \(report.claims.count) claims"
    seconds = report.main.flatMap { try? $0.duration }.map(\.asDuration) ?? ""
    words = ([paper.slug, paper.title, paper.arxiv, paper.shows, report.topic] + paper.authors).joined(separator: " ")
      .lowercased()
    self.picture = picture.map {
      GalleryPage.Picture(path: $0.path, description: $0.description, width: Int($0.width), height: Int($0.height))
    }
  }

  static func short(_ authors: [String]) -> String {
    authors.count > 3 ? "\(authors[0]) and \(authors.count - 1) others" : authors.joined(separator: ", ")
  }
}

extension PaperReport.Standing {
  var cssClass: String {
    switch self {
    case .reproduced: "good"
    case .partly: "bad"
    case .notRun: "none"
    }
  }
}
