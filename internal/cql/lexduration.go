package cql

import "strings"

// isUnit reports whether a duration unit starts at i, by its first character.
func (l *lexer) isUnit(i int) bool {
	switch l.at(i) {
	case 'y', 'Y', 'm', 'M', 'w', 'W', 'd', 'D', 'h', 'H', 's', 'S', 'u', 'U', 'n', 'N':
		return true
	case microSign[0]:
		return l.at(i+1) == microSign[1]
	}
	return false
}

// microSign is U+00B5 in UTF-8.
const microSign = "\u00b5"

// duration scans rule DURATION at i (org.apache.cassandra.cql3.Duration):
// 1y2mo, P1Y2M or P3W, and P0001-02-03T04:05:06.
func (l *lexer) duration(i int) (kind, int) {
	if l.text[i] == '-' {
		i++
	}
	if l.text[i] != 'P' {
		return l.unitDuration(i)
	}
	i++
	if l.at(i) == 'T' {
		return l.isoTime(i)
	}
	first := i
	i = l.skipClass(i, charDigit)
	c := l.at(i)
	switch {
	case i > first && (c == 'Y' || c == 'M' || c == 'D'):
		return l.isoPeriod(i)
	case i > first && c == 'W':
		return tokDuration, i + 1
	case i == first+4 && c == '-':
		return l.isoAlternative(i)
	}
	return l.noViable(i)
}

// unitDuration scans digits and units in turn.
func (l *lexer) unitDuration(i int) (kind, int) {
	for isClass(l.at(i), charDigit) {
		i = l.skipClass(i, charDigit)
		if !l.isUnit(i) {
			return l.noViable(i)
		}
		switch c := l.text[i]; c {
		case 'm', 'M':
			if next := lower(l.at(i + 1)); next == 'o' || next == 's' {
				i++
			}
		case 'u', 'U', 'n', 'N', microSign[0]:
			if c == microSign[0] {
				i++
			}
			if i++; lower(l.at(i)) != 's' {
				return l.mismatchSet(i)
			}
		}
		i++
	}
	return tokDuration, i
}

// isoPeriod scans the rest of P1Y2M3DT4H5M6S from the first designator at i on.
func (l *lexer) isoPeriod(i int) (kind, int) {
	i, ok := l.isoParts(i, "YMD")
	if !ok {
		return tokFailed, i
	}
	if l.at(i) == 'T' {
		return l.isoTime(i)
	}
	return tokDuration, i
}

// isoTime scans T4H5M6S at i.
func (l *lexer) isoTime(i int) (kind, int) {
	first := i + 1
	i = l.skipClass(first, charDigit)
	if c := l.at(i); i == first || c != 'H' && c != 'M' && c != 'S' {
		return l.noViable(i)
	}
	i, ok := l.isoParts(i, "HMS")
	if !ok {
		return tokFailed, i
	}
	return tokDuration, i
}

// isoParts scans the designator at i and then digits and designators in the
// order given, each at most once. It returns the end; or it records the mistake
// and returns false.
func (l *lexer) isoParts(i int, designators string) (int, bool) {
	end, wrong := l.skipParts(i, designators)
	switch {
	case wrong == "":
		return end, true
	case len(wrong) == 1:
		l.mismatch(end, "'"+wrong+"'")
	default:
		l.noViable(end)
	}
	return end, false
}

// skipParts does the work of isoParts. After a mistake at end, wrong holds the
// designators that could stand there.
func (l *lexer) skipParts(i int, designators string) (end int, wrong string) {
	for rest := designators; ; {
		p := strings.IndexByte(rest, l.at(i))
		if p < 0 {
			return i, rest
		}
		i, rest = i+1, rest[p+1:]
		if rest == "" || !isClass(l.at(i), charDigit) {
			return i, ""
		}
		i = l.skipClass(i, charDigit)
	}
}

// isoAlternative scans the rest of P0001-02-03T04:05:06 from the first '-' at i on.
func (l *lexer) isoAlternative(i int) (kind, int) {
	for _, want := range "-00-00T00:00:00" {
		switch c := l.at(i); {
		case want == '0' && !isClass(c, charDigit):
			return l.mismatchSet(i)
		case want != '0' && c != byte(want):
			return l.mismatch(i, "'"+string(want)+"'")
		}
		i++
	}
	return tokDuration, i
}

// isDuration reports whether the word at i, which starts with 'P', is a
// duration and not an identifier.
func (l *lexer) isDuration(i int) bool {
	i++
	if l.at(i) != 'T' {
		first := i
		i = l.skipClass(i, charDigit)
		if i == first {
			return false
		}
		switch l.at(i) {
		case 'W':
			return !isClass(l.at(i+1), charWord)
		case '-':
			return i == first+4
		}
		end, wrong := l.skipParts(i, "YMD")
		if wrong != "" {
			return false
		}
		if i = end; l.at(i) != 'T' {
			return !isClass(l.at(i), charWord)
		}
	}
	first := i + 1
	if i = l.skipClass(first, charDigit); i == first {
		return false
	}
	end, wrong := l.skipParts(i, "HMS")
	return wrong == "" && !isClass(l.at(end), charWord)
}
