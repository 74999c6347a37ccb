@preconcurrency import CHDF5

/// A group of a file: named groups, datasets and links, and attributes.
///
/// Names may be paths (`traces/loss`); one with a leading `/` starts at the root. Keeps its file open.
public final class HDF5Group: Sendable {
  /// The path within the file: `/traces`.
  public var path: String { place.object }

  /// The last part of the path; `/` for the root.
  public var name: String { path.split(separator: "/").last.map(String.init) ?? "/" }

  /// The path of the file.
  public var filePath: String { place.file.path }

  /// The attributes of the group.
  public var attributes: HDF5Attributes { HDF5Attributes(place: place, handle: handle) }

  let place: Place
  let handle: Handle

  init(place: Place, handle: Handle) {
    self.place = place
    self.handle = handle
  }

  /// The place of something in this group, for operations on it and their errors. `..` has no meaning in HDF5.
  func place(of name: String) -> Place {
    let base = name.hasPrefix("/") || path == "/" ? "" : path
    let parts = name.split(separator: "/").filter { $0 != "." }
    let whole = parts.isEmpty ? base : base + "/" + parts.joined(separator: "/")
    return Place(file: place.file, object: whole.isEmpty ? "/" : whole)
  }

  /// Makes a group, and the groups on the way to it; those that exist are opened.
  ///
  /// - Throws: when something on the way is not a group.
  public func createGroup(_ name: String) throws -> HDF5Group {
    let target = place(of: name)
    if case .group = find(target.object) { return try group(name) }
    var ancestor = ""
    for part in target.object.split(separator: "/") {
      ancestor += "/\(part)"
      switch find(ancestor) {
      case .group: continue
      case .missing: try createOne(Place(file: place.file, object: ancestor))
      case let found: throw target.error("create the group", "\(ancestor) \(found.summary)")
      }
    }
    return try group(name)
  }

  /// One at a time, rather than by the library's own creation of parents, which would not use our properties for those.
  private func createOne(_ place: Place) throws {
    let list = try place.make("create the group") { H5Pcreate(H5P_CLS_GROUP_CREATE_ID_g) }
    try place.call("create the group") { H5Pset_obj_track_times(list.id, false) }
    _ = try place.open("create the group") {
      H5Gcreate2(place.file.id, place.object, hid_t(H5P_DEFAULT), list.id, hid_t(H5P_DEFAULT))
    }
  }

  /// Opens a group that exists.
  public func group(_ name: String) throws -> HDF5Group {
    let target = place(of: name)
    guard case .group = find(target.object) else { throw notFound("group", target) }
    return HDF5Group(
      place: target,
      handle: try target.open("open") { H5Gopen2(place.file.id, target.object, hid_t(H5P_DEFAULT)) })
  }

  /// Opens a dataset that exists.
  public func dataset(_ name: String) throws -> HDF5Dataset {
    let target = place(of: name)
    guard case .dataset = find(target.object) else { throw notFound("dataset", target) }
    return try HDF5Dataset(
      place: target,
      handle: try target.open("open") { H5Dopen2(place.file.id, target.object, hid_t(H5P_DEFAULT)) })
  }

  /// Whether there is such a group or dataset. False for links that lead nowhere or to another file, which are listed among
  /// the ``children`` all the same.
  public func contains(_ name: String) -> Bool {
    switch find(place(of: name).object) {
    case .group, .dataset, .other: true
    case .missing, .danglingLink, .externalLink, .closed: false
    }
  }

  /// Takes a name out of its group. The space it took is not given back to the file system.
  public func delete(_ name: String) throws {
    let target = place(of: name)
    if case .missing(let first) = find(target.object) { throw target.error("delete", "\(first) does not exist") }
    try target.call("delete") { H5Ldelete(place.file.id, target.object, hid_t(H5P_DEFAULT)) }
  }
}
