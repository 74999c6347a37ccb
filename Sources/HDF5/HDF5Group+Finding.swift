@preconcurrency import CHDF5

/// What a path leads to.
enum Found {
  case group, dataset, other
  /// With the first part of the path that is not there.
  case missing(String)
  /// A soft link to something that is not there, or beyond a link to another file.
  case danglingLink(String)
  /// A link to another file.
  case externalLink(String)
  case closed

  var summary: String {
    switch self {
    case .group: "is a group"
    case .dataset: "is a dataset"
    case .other: "is neither a group nor a dataset"
    case .missing(let path): "\(path) does not exist"
    case .danglingLink(let path): "\(path) is a link that leads nowhere"
    case .externalLink(let path): "\(path) is a link to another file, and those are not followed"
    case .closed: "the file is closed"
    }
  }
}

extension HDF5Group {
  func notFound(_ wanted: String, _ target: Place) -> HDF5Error {
    let found = find(target.object)
    let subject =
      switch found {
      case .group, .dataset, .other: "it \(found.summary)"
      case .missing, .danglingLink, .externalLink, .closed: found.summary
      }
    return target.error("open", subject + (subject.hasPrefix("it ") ? ", not a \(wanted)" : ""))
  }

  /// Follows an absolute path part by part, since the library's questions about a path fail when a parent is not there.
  func find(_ path: String) -> Found {
    HDF5Library.locked {
      guard place.file.isOpen else { return .closed }
      var (current, found) = ("", Found.group)
      for part in path.split(separator: "/") {
        // Below a dataset there is nothing.
        guard case .group = found else { return .missing(path) }
        current += "/\(part)"
        found = findOne(current)
        switch found {
        case .group, .dataset, .other: continue
        case .missing, .danglingLink, .externalLink, .closed: return found
        }
      }
      return found
    }
  }

  private func findOne(_ path: String) -> Found {
    let (file, list) = (place.file.id, hid_t(H5P_DEFAULT))
    guard H5Lexists(file, path, list) > 0 else { return .missing(path) }
    var link = H5L_info_t()
    guard H5Lget_info(file, path, &link, list) >= 0 else { return .missing(path) }
    guard link.type == H5L_TYPE_HARD || link.type == H5L_TYPE_SOFT else { return .externalLink(path) }
    var object = H5O_info_t()
    guard H5Oexists_by_name(file, path, list) > 0,
      H5Oget_info_by_name2(file, path, &object, UInt32(H5O_INFO_BASIC), list) >= 0
    else { return .danglingLink(path) }
    return switch object.type {
    case H5O_TYPE_GROUP: .group
    case H5O_TYPE_DATASET: .dataset
    default: .other
    }
  }
}
