package index

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// Analyzer changes texts before a storage-attached index compares them
// (org.apache.cassandra.index.sai.analyzer.NonTokenizingAnalyzer). It is
// immutable.
type Analyzer struct{ lower, normalize, ascii bool }

// The options of an Analyzer.
const (
	CaseSensitive = "case_sensitive"
	Normalize     = "normalize"
	ASCII         = "ascii"
)

// NewAnalyzer returns the analyzer that an index's options ask for, nil when
// texts are compared as they are.
func NewAnalyzer(ix *schema.Index) *Analyzer {
	is := func(name, value string) bool { return strings.EqualFold(ix.Options[name], value) }
	a := Analyzer{lower: is(CaseSensitive, "false"), normalize: is(Normalize, "true"), ascii: is(ASCII, "true")}
	if a == (Analyzer{}) {
		return nil
	}
	return &a
}

// Append appends what is left of a text, UTF-8, to be compared: in lower case,
// then in normal form C, then of the letters of ASCII, as far as each is asked for.
func (a *Analyzer) Append(dst, text []byte) []byte {
	if isASCII(text) { // nothing but letters' case can change
		for _, c := range text {
			if a.lower && 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			dst = append(dst, c)
		}
		return dst
	}
	if a.lower {
		text = lowerCase(text)
	}
	if a.normalize {
		text = norm.NFC.Bytes(text)
	}
	if !a.ascii {
		return append(dst, text...)
	}
	return appendFolded(dst, text)
}

func isASCII(text []byte) bool {
	for _, c := range text {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// lowerCasers hold a cases.Caser each, which one goroutine may use at a time.
var lowerCasers = sync.Pool{New: func() any {
	c := cases.Lower(language.Und)
	return &c
}}

// lowerCase is String.toLowerCase of Java: with the final sigma, and characters
// that become two.
func lowerCase(text []byte) []byte {
	c := lowerCasers.Get().(*cases.Caser)
	defer lowerCasers.Put(c)
	return c.Bytes(text)
}

// asciiFold says what stands for a character, or for each of a range of them,
// as ASCIIFoldingFilter of Lucene 9.7 has it: lines of code points in
// hexadecimal and the letters.
//
//go:embed asciifold.txt
var asciiFold string

// folding is asciiFold, read when it is first asked for.
var folding = sync.OnceValue(func() map[rune]string {
	m := map[rune]string{}
	for line := range strings.Lines(asciiFold) {
		points, letters, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		first, last, isRange := strings.Cut(points, "-")
		if !isRange {
			last = first
		}
		from, err1 := strconv.ParseUint(first, 16, 32)
		to, err2 := strconv.ParseUint(last, 16, 32)
		if err1 != nil || err2 != nil {
			panic("asciifold.txt: " + line)
		}
		for r := from; r <= to; r++ {
			m[rune(r)] = letters
		}
	}
	return m
})

func appendFolded(dst, text []byte) []byte {
	fold := folding()
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if letters, ok := fold[r]; ok {
			dst = append(dst, letters...)
		} else {
			dst = append(dst, text[:n]...)
		}
		text = text[n:]
	}
	return dst
}

// String is the analyzer as system_views.sai_column_indexes shows it.
func (a *Analyzer) String() string {
	if a == nil {
		return "NoOpAnalyzer"
	}
	return "NonTokenizingAnalyzer{caseSensitive=" + strconv.FormatBool(!a.lower) + ", normalized=" + strconv.FormatBool(a.normalize) +
		", ascii=" + strconv.FormatBool(a.ascii) + "}"
}
