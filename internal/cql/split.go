package cql

// Span is a statement within a longer text: the byte offsets of its first
// character and behind its last one, without the semicolon and the white space
// and comments around it.
type Span struct{ Start, End int }

// SplitStatements finds the statements of a script. They end at semicolons that
// stand outside of strings, quoted names and comments; a BATCH ends at the one
// behind APPLY BATCH. The text need not be correct: what can't be lexed belongs
// to the statement it stands in, and an unclosed string or comment reaches to
// the end.
func SplitStatements(text string) []Span {
	var spans []Span
	var s splitter
	for l := (lexer{text: text}); l.pos < len(text); {
		k, end := l.scan(l.pos)
		if l.err != nil {
			k, end = l.afterError(l.pos)
			l.err = nil
		}
		if span, ok := s.next(k, l.pos, end); ok {
			spans = append(spans, span)
		}
		l.pos = end
	}
	if span, ok := s.next(tokEOF, len(text), len(text)); ok {
		spans = append(spans, span)
	}
	return spans
}

// afterError returns what to take the text at i for, where scan failed: all the
// rest for what was not closed, else one character.
func (l *lexer) afterError(i int) (kind, int) {
	switch next := l.at(i + 1); l.text[i] {
	case '\'', '"':
		return tokString, len(l.text)
	case '$':
		if next == '$' {
			return tokString, len(l.text)
		}
	case '/':
		return tokHidden, len(l.text)
	case '-':
		if next == '-' {
			return tokHidden, len(l.text)
		}
	}
	return tokFailed, i + 1
}

// splitter follows the tokens of a script.
type splitter struct {
	span    Span
	started bool
	// batch is set within BEGIN ... APPLY BATCH, applying behind its APPLY.
	batch, applying bool
}

// next takes a token and returns the statement that ends in front of it, if one does.
func (s *splitter) next(k kind, start, end int) (Span, bool) {
	switch {
	case k == tokHidden:
		return Span{}, false
	case k == tokEOF || k == tokSemicolon && !s.batch:
		span, ok := s.span, s.started
		*s = splitter{}
		return span, ok
	case !s.started:
		s.started, s.span.Start = true, start
		s.batch = k == kBegin
	case s.applying && k == kBatch:
		s.batch = false
	}
	s.applying = k == kApply
	s.span.End = end
	return Span{}, false
}
