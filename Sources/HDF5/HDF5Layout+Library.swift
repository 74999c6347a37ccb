@preconcurrency import CHDF5

extension HDF5Layout {
  /// The library's list of properties for making a dataset of that type and shape with this layout. Object times are off, so that equal
  /// runs write equal bytes.
  func makeCreationList(for type: HDF5Type, shape: [Int], at place: Place) throws -> Handle {
    let list = try place.make("create") { H5Pcreate(H5P_CLS_DATASET_CREATE_ID_g) }
    try place.call("create") { H5Pset_obj_track_times(list.id, false) }
    guard case .chunked(let chunk, let deflate, let shuffle, let fletcher32) = self else { return list }
    guard chunk.count == shape.count, chunk.allSatisfy({ $0 > 0 }) || shape.contains(0) else {
      throw place.error("create", "chunk \(chunk) does not fit shape \(shape): same rank, no empty axis")
    }
    if let deflate, !(0...9).contains(deflate) {
      throw place.error("create", "deflate level \(deflate) is not within 0...9")
    }
    guard !shape.isEmpty, !shape.contains(0), type != .string else { return list }
    let extents = zip(chunk, shape).map { hsize_t(min($0, $1)) }
    try place.call("create") { H5Pset_chunk(list.id, Int32(extents.count), extents) }
    if shuffle { try place.call("create") { H5Pset_shuffle(list.id) } }
    if let deflate { try place.call("create") { H5Pset_deflate(list.id, UInt32(deflate)) } }
    if fletcher32 { try place.call("create") { H5Pset_fletcher32(list.id) } }
    return list
  }

  /// The layout that a list of properties describes. Compact, external and virtual storage count as contiguous, and filters
  /// other than ours do not show. Call it under the lock.
  init(of list: hid_t, rank: Int) {
    guard H5Pget_layout(list) == H5D_CHUNKED else {
      self = .contiguous
      return
    }
    var extents = [hsize_t](repeating: 0, count: rank)
    H5Pget_chunk(list, Int32(rank), &extents)
    let filters = Self.filters(of: list)
    self = .chunked(
      extents.map { Int(clamping: $0) },
      deflate: filters.first { $0.id == H5Z_FILTER_DEFLATE }.map(\.parameter),
      shuffle: filters.contains { $0.id == H5Z_FILTER_SHUFFLE },
      fletcher32: filters.contains { $0.id == H5Z_FILTER_FLETCHER32 })
  }

  /// The filters of a list of properties in their order, each with its first parameter. Call it under the lock.
  static func filters(of list: hid_t) -> [(id: H5Z_filter_t, parameter: Int)] {
    (0..<max(0, H5Pget_nfilters(list))).map { index in
      var (flags, configuration): (UInt32, UInt32) = (0, 0)
      var count = 1
      var parameter: UInt32 = 0
      let id = H5Pget_filter2(list, UInt32(index), &flags, &count, &parameter, 0, nil, &configuration)
      return (id, Int(parameter))
    }
  }
}
