package rest

import (
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
)

// TestStatements checks what each call asks of the back end: CQL, values and,
// where the answer says so, the error.
func TestStatements(t *testing.T) {
	f := newFake(t)
	h := New(Options{Backend: f, Auth: everyone{}})
	file, err := os.ReadFile("testdata/statements.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range blocks(string(file)) {
		t.Run(c.at, func(t *testing.T) {
			f.ran = ""
			answer := ask(h, c.method, c.target, c.body)
			got := f.last()
			if got == "" || answer.Code >= 300 {
				got = strings.TrimRight(strconv.Itoa(answer.Code)+" "+answer.Body.String(), " ")
			}
			for _, want := range c.want {
				if part, ok := strings.CutPrefix(want, "~ "); ok && strings.Contains(got, part) {
					continue
				}
				if got != want {
					t.Errorf("%s %s %s\n got %s\nwant %s", c.method, c.target, c.body, got, want)
				}
			}
		})
	}
}

// block is one call of a file of cases:
//
//	METHOD path?query
//	body, if any
//	= what must come of it (a line that starts with ~ is a part of it)
type block struct {
	at, method, target, body string
	want                     []string
}

// blocks reads calls that are separated by blank lines. A query is written as
// it is meant and escaped here.
func blocks(text string) []block {
	var all []block
	var open *block
	for i, line := range strings.Split(text, "\n") {
		switch {
		case strings.HasPrefix(line, "#"):
		case line == "":
			open = nil
		case open == nil:
			method, target, _ := strings.Cut(line, " ")
			all = append(all, block{at: strconv.Itoa(i + 1), method: method, target: escapeQuery(target)})
			open = &all[len(all)-1]
		case strings.HasPrefix(line, "= "):
			open.want = append(open.want, line[2:])
		case strings.HasPrefix(line, "~ "):
			open.want = append(open.want, line)
		default:
			open.body += line
		}
	}
	return all
}

func escapeQuery(target string) string {
	path, query, found := strings.Cut(target, "?")
	if !found {
		return target
	}
	for i, pair := range strings.Split(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		path += string("?&"[min(i, 1)]) + name + "=" + url.QueryEscape(value)
	}
	return path
}
