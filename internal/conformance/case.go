package conformance

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Case is one statement and its recorded answer.
type Case struct {
	// Lead is the text in front of the case: comments and empty lines.
	Lead string
	// Line is where the statement starts, from 1.
	Line      int
	Statement string
	// Answer as recorded, without the empty line that ends it.
	Answer string

	// What the @ lines say; Directives has them as written.
	Directives []string
	PageSize   int
	// Bind is the list of values, as CQL terms; HasBind tells none from @bind.
	Bind       string
	HasBind    bool
	Unordered  bool
	Ignore     map[string]bool
	AnyMessage bool
	AnyError   bool
	Sleep      time.Duration
	Eventually bool
	Differs    string
	// User and Password of @as and @login: who runs the statement, "" for who
	// plays the file. Login is set for @login, which logs in anew.
	User, Password string
	Login          bool
	// Batch is the kind and timestamp of @batch, without entries; nil without it.
	Batch *Batch
	// Now is the now_in_seconds of the request, when HasNow.
	Now    int32
	HasNow bool
}

// File is a file of cases.
type File struct {
	Name     string // without directory and .cql
	Keyspace string
	Cases    []*Case
	// Tail is the text behind the last case.
	Tail string
	// Keep leaves the keyspace there when the file has been played.
	Keep bool
}

const separator = "----"

// ReadFile reads a file of cases.
func ReadFile(path string) (*File, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	name := strings.TrimSuffix(filepath.Base(path), ".cql")
	f := &File{Name: name, Keyspace: "cf_" + name}
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	for i := 0; i < len(lines); {
		c := &Case{}
		if i, err = c.read(lines, i); err != nil {
			return nil, fmt.Errorf("%s:%w", path, err)
		}
		if c.Statement == "" {
			f.Tail = c.Lead
			break
		}
		f.Cases = append(f.Cases, c)
	}
	return f, nil
}

// read reads the case that starts at line i (from 0) and returns the line behind it.
func (c *Case) read(lines []string, i int) (int, error) {
	for ; i < len(lines) && (strings.TrimSpace(lines[i]) == "" || strings.HasPrefix(lines[i], "#")); i++ {
		c.Lead += lines[i] + "\n"
	}
	for ; i < len(lines) && strings.HasPrefix(lines[i], "@"); i++ {
		if err := c.Direct(lines[i]); err != nil {
			return i, fmt.Errorf("%d: %w", i+1, err)
		}
	}
	c.Line = i + 1
	start := i
	for i < len(lines) && lines[i] != separator {
		i++
	}
	if i == len(lines) {
		if i > start {
			return i, fmt.Errorf("%d: no line %s behind the statement", c.Line, separator)
		}
		return i, nil
	}
	c.Statement = strings.Join(lines[start:i], "\n")
	i++
	start = i
	for i < len(lines) && lines[i] != "" {
		i++
	}
	c.Answer = strings.Join(lines[start:i], "\n")
	return i, nil
}

// Direct adds an @ line to c.
func (c *Case) Direct(line string) (err error) {
	c.Directives = append(c.Directives, line)
	word, rest, _ := strings.Cut(line[1:], " ")
	rest = strings.TrimSpace(rest)
	switch word {
	case "page":
		c.PageSize, err = strconv.Atoi(rest)
	case "bind":
		c.Bind, c.HasBind = rest, true
	case "batch":
		c.Batch, err = parseBatch(rest)
	case "unordered":
		c.Unordered = true
	case "ignore":
		c.Ignore = map[string]bool{}
		for _, name := range strings.Split(rest, ",") {
			c.Ignore[strings.TrimSpace(name)] = true
		}
	case "anymessage":
		c.AnyMessage = true
	case "now":
		var now int64
		now, err = strconv.ParseInt(rest, 10, 32)
		c.Now, c.HasNow = int32(now), true
	case "anyerror":
		c.AnyError = true
	case "sleep":
		c.Sleep, err = time.ParseDuration(rest)
	case "eventually":
		c.Eventually = true
	case "differs":
		c.Differs = rest
	case "as", "login":
		c.Login = word == "login"
		c.User, c.Password, _ = strings.Cut(rest, " ")
	default:
		err = fmt.Errorf("unknown directive @%s", word)
	}
	return err
}

// Write writes the file, with the answers the cases have now.
func (f *File) Write(path string) error {
	var b strings.Builder
	for _, c := range f.Cases {
		b.WriteString(c.Lead)
		for _, d := range c.Directives {
			b.WriteString(d + "\n")
		}
		b.WriteString(c.Statement + "\n" + separator + "\n" + c.Answer + "\n")
	}
	b.WriteString(f.Tail)
	return os.WriteFile(path, []byte(b.String()), 0o644)
}
