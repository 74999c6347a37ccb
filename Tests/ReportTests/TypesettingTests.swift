import Report
import Testing

@Suite struct TypesettingTests {
  @Test(arguments: [
    ("tr(H) <= 2/eta", "tr(H) ≤ 2/<i>η</i>"),
    ("lambda_max of x_{k+1}^2", "<i>λ</i><sub>max</sub> of <i>x</i><sub>k+1</sub><sup>2</sup>"),
    ("beta-VAE, not zeta_potential_file", "<i>β</i>-VAE, not zeta_potential_file"),
    ("a setting: learning_rate, etas, f(eta)", "a setting: learning_rate, etas, f(<i>η</i>)"),
    ("`eta <= 1` and **bold**", "<code>eta &lt;= 1</code> and <strong>bold</strong>"),
    ("loss $T^{-2}$", "loss <math><mrow><msup><mi>T</mi><mrow><mo>-</mo><mn>2</mn></mrow></msup></mrow></math>"),
    ("costs 5$", "costs 5$"),
  ])
  func formulasAreSet(text: String, html: String) {
    #expect(Typesetting.html(text) == html)
  }

  @Test func nothingInATextBecomesMarkup() {
    #expect(
      Typesetting.html("<script>alert('x')</script> & \"y\"")
        == "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;y&quot;")
    #expect(Typesetting.html("`<b>` $<b>$ \u{1B}[31m").contains("<b>") == false)
    #expect(Typesetting.html("\u{1B}[31m") == "\u{FFFD}[31m")
  }

  /// To Swift each of these is one character and no `<`; to a browser it begins a tag.
  @Test(arguments: ["<\u{338}script>", "\u{D4E}<script>", "$\u{D4E}<b>$", "`\u{D4E}<b>`"]) func signsInClustersAreEscaped(
    text: String
  ) {
    let html = Typesetting.html(text)
    #expect(!html.utf8.elementsEqual(text.utf8) && html.unicodeScalars.contains("&"))
    #expect(
      !html.unicodeScalars.split(separator: "<").dropFirst().contains {
        String($0).hasPrefix("script") || String($0).hasPrefix("b>")
      })
  }

  @Test func blocksAreParagraphsAndLists() {
    let html = Typesetting.blocks("**Shows**: one\ntwo.\n**Here**: three.\n\n- a\n  b\n- c")
    #expect(
      html == "<p><strong>Shows</strong>: one two.</p>\n<p><strong>Here</strong>: three.</p>\n<ul><li>a b</li><li>c</li></ul>\n")
  }
}
