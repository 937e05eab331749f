package rest

import (
	"net/http"
	"strings"
	"time"
)

// ndjsonType is the media type of one JSON value a line.
var ndjsonType = []string{"application/x-ndjson"}

const (
	// exportPage is how many rows are fetched at once where a request has no
	// page-size.
	exportPage = 1000
	// exportWait is how long an export waits for room among the large answers: an
	// error in the middle of it cuts it off.
	exportWait = 4 * time.Minute
)

// wantsLines reports whether a request asks for rows one a line: only when it
// takes no JSON, and only where there are rows.
func wantsLines(r *http.Request) bool {
	if r.Method != http.MethodGet || !strings.Contains(r.Pattern, rowsPath) {
		return false
	}
	for _, line := range r.Header["Accept"] {
		for item := range strings.SplitSeq(line, ",") {
			mediaType, _, _ := strings.Cut(item, ";")
			if strings.EqualFold(strings.TrimSpace(mediaType), ndjsonType[0]) {
				return true
			}
		}
	}
	return false
}

// export answers with all rows that a shape selects, one object a line, page
// after page: what it holds at a time is one page. It stops when the client has
// gone. An error behind the first page can't have a status any more; it cuts the
// connection, so that the client knows that the rows are not all.
func (c *call) export(s *shape) error {
	if c.params.pageSize <= 0 {
		c.query.PageSize = exportPage
	}
	c.answered.Wait = exportWait
	for first := true; ; first = false {
		result, err := c.read(s.prepared)
		switch {
		case err != nil && first:
			return err
		case err != nil:
			c.cut = true
			return nil
		}
		names, cursor := s.namesOf(result), result.Cursor()
		for range result.RowCount {
			c.sendRow(result, names, &cursor)
			c.out = append(c.out, '\n')
			if len(c.out) >= partSize {
				if c.part(ndjsonType) != nil {
					return nil // the client has gone
				}
			}
		}
		gone := c.part(ndjsonType)
		done(result)
		if gone != nil || c.ctx.Err() != nil || len(result.PagingState) == 0 {
			return nil
		}
		c.answered.Flush()
		c.query.PagingState = result.PagingState
	}
}
