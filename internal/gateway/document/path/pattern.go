package path

// Pattern is a path in which segments may stand for several: * for any name or
// index, [*] for any index, and alternatives with commas.
type Pattern []Element

// Element is one segment of a Pattern.
type Element struct {
	// Any matches every segment, AnyIndex every index.
	Any, AnyIndex bool
	// Names are what it matches otherwise, in stored form.
	Names []string
	// text is the segment as it is named in messages.
	text string
}

// String is the segment as the client wrote it, with indexes in stored form.
func (e Element) String() string { return e.text }

// Literal returns the one segment that e matches, if there is but one.
func (e Element) Literal() (string, bool) {
	if e.Any || e.AnyIndex || len(e.Names) != 1 {
		return "", false
	}
	return e.Names[0], true
}

// Matches reports whether e matches a stored segment.
func (e *Element) Matches(segment []byte) bool {
	switch {
	case e.Any:
		return true
	case e.AnyIndex:
		return isArray(string(segment))
	}
	for _, name := range e.Names {
		if name == string(segment) {
			return true
		}
	}
	return false
}

// PatternOf returns the pattern of a URL path's segments.
func PatternOf(segments []string) (Pattern, error) {
	if len(segments) > MaxDepth {
		return nil, ErrDepth
	}
	p := make(Pattern, len(segments))
	for i, segment := range segments {
		var err error
		if p[i], err = element(segment); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// DottedPattern returns the pattern that a path with dots is.
func DottedPattern(text string) (Pattern, error) {
	if len(text) > maxText {
		return nil, ErrDepth
	}
	return PatternOf(split(text, '.'))
}

func element(segment string) (Element, error) {
	switch segment {
	case "*":
		return Element{Any: true, text: segment}, nil
	case "[*]":
		return Element{AnyIndex: true, text: segment}, nil
	}
	e := Element{}
	for i, part := range split(segment, ',') {
		name, err := stored(part)
		if err != nil {
			return Element{}, err
		}
		if i > 0 {
			e.text += ","
		}
		if isArray(part) {
			e.text += name
		} else {
			e.text += part
		}
		e.Names = append(e.Names, name)
	}
	return e, nil
}

// MatchesPrefix reports whether the beginning of path matches p.
func (p Pattern) MatchesPrefix(path [][]byte) bool {
	if len(path) < len(p) {
		return false
	}
	for i := range p {
		if !p[i].Matches(path[i]) {
			return false
		}
	}
	return true
}

// Matches reports whether path as a whole matches p.
func (p Pattern) Matches(path [][]byte) bool { return len(path) == len(p) && p.MatchesPrefix(path) }

// Equal reports whether two patterns are written alike.
func (p Pattern) Equal(q Pattern) bool {
	if len(p) != len(q) {
		return false
	}
	for i := range p {
		if p[i].text != q[i].text {
			return false
		}
	}
	return true
}

// String joins the segments with dots.
func (p Pattern) String() string {
	text := ""
	for i, e := range p {
		if i > 0 {
			text += "."
		}
		text += e.text
	}
	return text
}
