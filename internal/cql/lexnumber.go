package cql

// number scans what starts with a digit, or with '-' and a digit: an integer,
// float, duration, UUID or hexadecimal number. A UUID may look like any of the
// others in its first 8 characters, so those decide.
func (l *lexer) number(i int) (kind, int) {
	first := i
	if l.text[i] == '-' {
		first++
	}
	end := l.skipClass(first, charDigit)
	digits, c := end-first, l.at(end)
	if first == i && digits == 1 && l.text[i] == '0' && (c == 'x' || c == 'X') {
		return tokHex, l.skipClass(end+1, charHex)
	}
	if first > i || digits > 8 {
		switch {
		case c == '.' || c == 'e' || c == 'E':
			return l.float(i, end)
		case l.isUnit(end):
			return l.duration(i)
		}
		return tokInteger, end
	}
	if digits == 8 {
		switch {
		case c == '.' || c == 'e' || c == 'E':
			return l.float(i, end)
		case c == '-':
			return l.uuid(i)
		case l.isUnit(end):
			return l.duration(i)
		}
		return tokInteger, end
	}
	switch c {
	case '.':
		return l.float(i, end)
	case 'e', 'E':
		return l.floatOrUUID(i, end)
	case 'd', 'D':
		return l.durationOrUUID(i, end)
	case 'a', 'A', 'b', 'B', 'c', 'C', 'f', 'F':
		return l.uuid(i)
	}
	if l.isUnit(end) {
		return l.duration(i)
	}
	return tokInteger, end
}

// floatOrUUID decides for digits followed by 'e' at e, within the 8 characters
// of a UUID that starts at i.
func (l *lexer) floatOrUUID(i, e int) (kind, int) {
	j := e + 1
	if j-i == 8 {
		switch c := l.at(j); {
		case c == '+' || isClass(c, charDigit):
			return l.float(i, e)
		case c == '-':
			return l.floatOrUUIDGroup(i, e)
		}
		return l.noViable(j)
	}
	switch c := l.at(j); {
	case c == '+' || c == '-':
		return l.float(i, e)
	case !isClass(c, charHex):
		return l.noViable(j)
	}
	for ; j-i < 8; j++ {
		switch c := l.at(j); {
		case isClass(c, charDigit):
		case isClass(c, charHex):
			return l.uuid(i)
		default:
			return l.float(i, e)
		}
	}
	if l.at(j) == '-' {
		return l.uuid(i)
	}
	return l.float(i, e)
}

// floatOrUUIDGroup decides for 1234567e-: the digits behind decide whether it
// is an exponent or the second group of a UUID.
func (l *lexer) floatOrUUIDGroup(i, e int) (kind, int) {
	j := e + 2
	if !isClass(l.at(j), charHex) {
		return l.noViable(j)
	}
	for ; j < e+6; j++ {
		switch c := l.at(j); {
		case isClass(c, charDigit):
		case isClass(c, charHex):
			return l.uuid(i)
		default:
			return l.float(i, e)
		}
	}
	if l.at(j) == '-' {
		return l.uuid(i)
	}
	return l.float(i, e)
}

// durationOrUUID decides for digits followed by 'd' at d, within the 8
// characters of a UUID that starts at i.
func (l *lexer) durationOrUUID(i, d int) (kind, int) {
	j := d + 1
	for afterUnit := true; j-i < 8; j++ {
		c := l.at(j)
		switch {
		case isClass(c, charDigit):
			afterUnit = false
		case !afterUnit && (c == 'd' || c == 'D'):
			afterUnit = true
		case isClass(c, charHex):
			return l.uuid(i)
		case afterUnit || l.isUnit(j):
			return l.duration(i)
		default:
			return l.noViable(j)
		}
	}
	last := l.at(j - 1)
	switch {
	case l.at(j) == '-':
		return l.uuid(i)
	case last == 'd' || last == 'D' || isClass(l.at(j), charDigit) || l.isUnit(j):
		return l.duration(i)
	}
	return l.noViable(j)
}

// float scans rule FLOAT; the integer part of the token ends at end. '1..2'
// gives the integer 1.
func (l *lexer) float(i, end int) (kind, int) {
	if l.at(end) == '.' {
		if l.at(end+1) == '.' {
			if l.at(end+2) == '.' {
				return tokFloat, end + 1
			}
			return tokInteger, end
		}
		end = l.skipClass(end+1, charDigit)
	}
	if c := l.at(end); c == 'e' || c == 'E' {
		end++
		if c := l.at(end); c == '+' || c == '-' {
			end++
		}
		first := end
		if end = l.skipClass(end, charDigit); end == first {
			return l.earlyExit(end)
		}
	}
	return tokFloat, end
}

// uuidGroups are the lengths of a UUID's five groups.
var uuidGroups = [...]int{8, 4, 4, 4, 12}

// uuid matches a whole UUID at i.
func (l *lexer) uuid(i int) (kind, int) {
	for g, n := range uuidGroups {
		if g > 0 {
			if l.at(i) != '-' {
				return l.mismatch(i, "'-'")
			}
			i++
		}
		for ; n > 0; n-- {
			if !isClass(l.at(i), charHex) {
				return l.mismatchSet(i)
			}
			i++
		}
	}
	return tokUUID, i
}
