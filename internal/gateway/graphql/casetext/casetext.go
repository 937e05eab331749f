// Package casetext plays text cases of the GraphQL API (testdata/README.md beside
// them tells the form) on whatever answers: the door in a test of its own, or a
// server before a real Cassandra.
package casetext

import (
	"regexp"
	"strings"
	"testing"
)

// Site is what cases are played on.
type Site interface {
	// CQL runs one statement.
	CQL(t testing.TB, statement string)
	// Post asks one thing and returns the answer's body. variables is JSON or "".
	Post(t testing.TB, path, query, variables string) string
}

// Play plays all cases of a text, from top to bottom.
func Play(t testing.TB, site Site, text string) {
	t.Helper()
	last := map[string]string{}
	for block := range strings.SplitSeq(text, "\n\n") {
		play(t, site, block, last)
	}
}

// captured is what later cases may name.
var captured = regexp.MustCompile(`"(version|pageState|pagingState)":"([^"]+)"`)

func play(t testing.TB, site Site, block string, last map[string]string) {
	t.Helper()
	ask, want, _ := strings.Cut(strings.TrimSpace(block), "\n----\n")
	var lines []string
	for line := range strings.SplitSeq(ask, "\n") {
		if !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 || strings.TrimSpace(lines[0]) == "" {
		return
	}
	first, rest := lines[0], strings.Join(lines[1:], "\n")
	for name, value := range last {
		rest = strings.ReplaceAll(rest, "{"+name+"}", value)
	}
	if first == "cql" {
		for statement := range strings.SplitSeq(rest, ";\n") {
			site.CQL(t, strings.TrimSuffix(statement, ";"))
		}
		return
	}
	query, variables, _ := strings.Cut(rest, "\nvariables ")
	got := site.Post(t, first, query, variables)
	for _, match := range captured.FindAllStringSubmatch(got, -1) {
		last[match[1]] = match[2]
	}
	if want == "" {
		t.Errorf("%s\n%s\nthere is no answer to compare with; got %s", first, query, got)
	}
	for line := range strings.SplitSeq(want, "\n") {
		absent := strings.HasPrefix(line, "not ")
		if line != "" && strings.Contains(got, strings.TrimPrefix(line, "not ")) == absent {
			t.Errorf("%s\n%s\n got %s\nwant %s", first, query, got, line)
		}
	}
}
