package exec

import (
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/astrolabe-db/astrolabe/internal/elide"
)

// places tells where something stood in a document's text before parts of the text
// were left out. It goes through the text once, however many failures are told.
// A nil *places is of a text that is whole.
type places struct{ marks []mark } // in their order in the text

// mark is the place behind a mark, counted from 1, and how many characters were
// left out of its line up to there.
type mark struct{ line, column, missing int }

// placesIn returns the places of a text, out of which cuts were left.
func placesIn(text string, cuts *elide.Cuts) *places {
	if cuts == nil {
		return nil
	}
	p := &places{}
	at, here := 0, mark{line: 1, column: 1}
	for end, missing := range cuts.Marks([]byte(text)) {
		here.pass(text[at:end])
		at = end
		here.missing += missing
		p.marks = append(p.marks, here)
	}
	return p
}

// pass moves m behind a piece of text, in which lines end as in gqlparser.
func (m *mark) pass(text string) {
	for {
		end := strings.IndexAny(text, "\r\n")
		if end < 0 {
			break
		}
		if strings.HasPrefix(text[end:], "\r\n") {
			end++
		}
		text = text[end+1:]
		*m = mark{line: m.line + 1, column: 1}
	}
	m.column += utf8.RuneCountInString(text)
}

// column is the column that a place of the shortened text had.
func (p *places) column(line, column int) int {
	if p == nil {
		return column
	}
	behind := sort.Search(len(p.marks), func(i int) bool {
		m := &p.marks[i]
		return m.line > line || m.line == line && m.column > column
	})
	if behind > 0 && p.marks[behind-1].line == line {
		column += p.marks[behind-1].missing
	}
	return column
}
