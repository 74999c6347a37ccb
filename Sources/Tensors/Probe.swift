import COpenBLAS
public struct Probe { public static var core: String { String(cString: openblas_get_corename()) } }
