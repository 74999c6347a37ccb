import COpenBLAS

/// The BLAS in use, held to one thread.
///
/// OpenBLAS with another number of threads or another core type gives other last bits, so the library makes its own tiles and runs
/// each on one thread. The core type is left to OpenBLAS and its user (`OPENBLAS_CORETYPE`) and recorded with every run.
public enum BLAS {
  /// The kernel set OpenBLAS chose at load, "SkylakeX" or "Haswell" say.
  public static let core: String = {
    prepare()
    return String(cString: openblas_get_corename())
  }()

  /// "OpenBLAS 0.3.21", with the build options behind it in `configuration`.
  public static let version: String = configuration.split(separator: " ").prefix(2).joined(separator: " ")

  /// What OpenBLAS says about its build.
  public static let configuration = String(cString: openblas_get_config())

  private static let singleThreaded: Void = openblas_set_num_threads(1)

  /// Called before every BLAS or LAPACK call; costs one load after the first.
  @inline(__always)
  static func prepare() { _ = singleThreaded }
}
