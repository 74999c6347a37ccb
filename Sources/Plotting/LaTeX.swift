/// Characters as LaTeX writes them.
enum LaTeX {
  private static let special: [Character: String] = [
    "%": "\\%", "#": "\\#", "$": "\\$", "&": "\\&", "_": "\\_", "{": "\\{", "}": "\\}", "~": "\\textasciitilde{}",
    "^": "\\textasciicircum{}", "\\": "\\textbackslash{}", "<": "\\textless{}", ">": "\\textgreater{}", "|": "\\textbar{}",
    "\"": "\\textquotedbl{}", "`": "\\textasciigrave{}",
  ]
  private static let specialInMath: [Character: String] = [
    "\\": "\\backslash ", "%": "\\%", "#": "\\#", "&": "\\&", "~": "\\sim ", "{": "\\{", "}": "\\}",
  ]
  /// Greek and symbols, which pdflatex knows only in maths.
  private static let math: [Character: String] = [
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau",
    "φ": "varphi", "χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda",
    "Ξ": "Xi", "Π": "Pi", "Σ": "Sigma", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega", "≤": "leq", "≥": "geq", "≈": "approx",
    "≠": "neq", "×": "times", "·": "cdot", "±": "pm", "∞": "infty", "‖": "|", "∇": "nabla", "∂": "partial", "√": "surd",
    "→": "to", "∈": "in", "∑": "sum", "∏": "prod", "−": "-", "⟨": "langle", "⟩": "rangle", "ℓ": "ell", "∝": "propto",
  ]
  private static let raised: [Character: String] = [
    "⁰": "0", "¹": "1", "²": "2", "³": "3", "⁴": "4", "⁵": "5", "⁶": "6", "⁷": "7", "⁸": "8", "⁹": "9", "⁻": "-", "ᵀ": "T",
    "ⁿ": "n",
  ]

  private static let lowered: [Character: String] = [
    "₀": "0", "₁": "1", "₂": "2", "₃": "3", "₄": "4", "₅": "5", "₆": "6", "₇": "7", "₈": "8", "₉": "9", "ᵢ": "i", "ₙ": "n",
    "ₜ": "t",
  ]

  static func text(_ character: Character, inMath: Bool) -> String {
    if let name = math[character] {
      let command = name == "-" ? "-" : "\\\(name) "
      return inMath ? command : "$\(command)$"
    }
    if let digit = raised[character] { return inMath ? "^{\(digit)}" : "$^{\(digit)}$" }
    if let index = lowered[character] { return inMath ? "_{\(index)}" : "$_{\(index)}$" }
    return (inMath ? specialInMath : special)[character] ?? String(character)
  }
}
