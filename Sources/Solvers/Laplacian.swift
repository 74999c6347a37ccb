extension SparseMatrix {
  /// The discrete Laplacian, with a positive sign, on a grid of interior points with zero values around (Dirichlet): 2 for each axis on
  /// the diagonal, and -1 for each neighbour; the 3-, 5- and 7-point stencils for 1, 2 and 3 axes. The last axis runs fastest.
  ///
  /// Its eigenvalues are the sums over the axes of 2 - 2 cos(pi k / (n + 1)) with k from 1 to n.
  /// - Parameters:
  ///   - extents: points along each axis.
  ///   - isFree: false for a point whose value is zero too (an obstacle): it keeps its diagonal and is nobody's neighbour.
  public static func laplacian(_ extents: Int..., where isFree: (Int) -> Bool = { _ in true }) -> SparseMatrix {
    let count = extents.reduce(1, *)
    var entries: [Entry] = []
    entries.reserveCapacity(count * (2 * extents.count + 1))
    for point in 0..<count {
      entries.append(Entry(row: point, column: point, value: 2 * Double(extents.count)))
      var stride = 1
      for extent in extents.reversed() {
        let place = point / stride % extent
        for (neighbour, isInside) in [(point - stride, place > 0), (point + stride, place + 1 < extent)]
        where isInside && isFree(point) && isFree(neighbour) {
          entries.append(Entry(row: point, column: neighbour, value: -1))
        }
        stride *= extent
      }
    }
    return SparseMatrix(rows: count, columns: count, entries: entries)
  }
}
