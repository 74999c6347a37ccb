/// Names of files stand inside quotes of gnuplot's and the shell's: only characters that mean themselves in both may pass.
enum FileName {
  static func check(_ name: String) throws {
    let isPlain = name.allSatisfy { $0.isLetter || $0.isNumber || "/._-+=,@% ".contains($0) }
    guard isPlain, !name.isEmpty, !name.hasPrefix("-") else {
      throw PlottingError("the file name '\(name)' will not do in a script: use letters, digits and / . _ - + = , @ % only")
    }
  }
}
