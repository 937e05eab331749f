package console

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
	"github.com/astrolabe-db/astrolabe/internal/outbound"
)

// queryRequest is the body of POST /console/api/query: one statement.
type queryRequest struct {
	Statement string `json:"statement"`
	// Keyspace that unqualified names belong to ("" = none).
	Keyspace string `json:"keyspace"`
	// Consistency by name; "" is LOCAL_QUORUM.
	Consistency string `json:"consistency"`
	PageSize    int    `json:"pageSize"`
	// PageState of the answer before, standard base64.
	PageState string `json:"pageState"`
}

// queryAnswer is what one statement gave. Cells are shown as cqlsh shows them
// (null for null); JSON holds the same rows as SELECT JSON writes them, for an
// exact export.
type queryAnswer struct {
	Kind      string        `json:"kind"` // rows, void, use or schema
	Columns   []queryColumn `json:"columns,omitempty"`
	Rows      [][]*string   `json:"rows,omitempty"`
	JSON      []string      `json:"json,omitempty"`
	PageState string        `json:"pageState,omitempty"`
	Keyspace  string        `json:"keyspace,omitempty"`
	Warnings  []string      `json:"warnings,omitempty"`
	// Elapsed is the time of the statement on the server, in milliseconds.
	Elapsed float64 `json:"elapsed"`
}

type queryColumn struct {
	Name string `json:"name"`
	Type string `json:"type"`
	// Kind is the column's kind in its table: partition_key, clustering,
	// static, regular; "" for anything computed.
	Kind string `json:"kind,omitempty"`
}

var consistencies = map[string]backend.Consistency{
	"": backend.LocalQuorum, "ANY": backend.Any, "ONE": backend.One, "TWO": backend.Two, "THREE": backend.Three, "QUORUM": backend.Quorum,
	"ALL": backend.All, "LOCAL_QUORUM": backend.LocalQuorum, "EACH_QUORUM": backend.EachQuorum, "SERIAL": backend.Serial,
	"LOCAL_SERIAL": backend.LocalSerial, "LOCAL_ONE": backend.LocalOne,
}

// query is POST /console/api/query.
func (h *Handler) query(w http.ResponseWriter, r *http.Request, p Principal) error {
	var in queryRequest
	if err := decode(r, &in); err != nil {
		return err
	}
	if !p.RunsCQL() {
		return &problem{status: http.StatusForbidden, Message: "The role " + p.RoleName() + " may not run CQL."}
	}
	began := time.Now()
	q := &backend.Query{Caller: p.Caller(), PageSize: min(in.PageSize, maxPageSize)}
	if q.PageSize <= 0 {
		q.PageSize = defaultPageSize
	}
	var known bool
	if q.Consistency, known = consistencies[strings.ToUpper(in.Consistency)]; !known {
		return &problem{Message: "There is no consistency level " + in.Consistency + "."}
	}
	var err error
	if q.PagingState, err = base64.StdEncoding.DecodeString(in.PageState); err != nil {
		return &problem{Message: "The page state is not valid."}
	}
	if len(q.PagingState) == 0 {
		q.PagingState = nil
	}
	prepared, err := h.prepare(r, p, &in)
	if err != nil {
		return err
	}
	var answered httpapi.Answer
	answered.Begin(h.options.Answers, w, r.Context())
	defer answered.End()
	for {
		body, err := h.execute(r, prepared, q, began)
		if err != nil {
			return err
		}
		if answered.Keep(len(body), outbound.Repeatable(prepared.Statement)) == nil {
			header(w, http.StatusOK)
			answered.WriteWhole(body)
			return nil
		}
		body = nil
		if err := answered.AwaitRoom(); err != nil {
			return &problem{status: http.StatusServiceUnavailable, Message: err.Error() + "."}
		}
	}
}

// prepare checks a statement that p may run.
func (h *Handler) prepare(r *http.Request, p Principal, in *queryRequest) (*backend.Prepared, error) {
	parsed, err := cql.Parse(in.Statement)
	if err != nil {
		return nil, err
	}
	if len(parsed.Markers) > 0 {
		return nil, cqlerr.Invalidf("The console has no values for bind markers (? or :name)")
	}
	if err := p.Authorize(parsed.Statement, in.Keyspace); err != nil {
		return nil, err
	}
	return backend.PrepareOnce(r.Context(), h.options.Backend, parsed.Statement, parsed.Markers, in.Keyspace)
}

// execute runs a statement and returns the body of its answer.
func (h *Handler) execute(r *http.Request, p *backend.Prepared, q *backend.Query, began time.Time) ([]byte, error) {
	result, err := h.options.Backend.Execute(r.Context(), p, q)
	if err == nil && result == nil {
		err = errors.New("the back end gave no result")
	}
	if err != nil {
		return nil, err
	}
	answer := h.answer(result)
	answer.Elapsed = float64(time.Since(began).Microseconds()) / 1000
	var body bytes.Buffer
	err = json.NewEncoder(&body).Encode(answer)
	return body.Bytes(), err
}

func (h *Handler) answer(result *backend.Result) *queryAnswer {
	a := &queryAnswer{Kind: "void", Keyspace: result.Keyspace, Warnings: result.Warnings}
	switch result.Kind {
	case backend.Rows:
		a.Kind = "rows"
		a.PageState = base64.StdEncoding.EncodeToString(result.PagingState)
		h.rows(a, result)
	case backend.SetKeyspace:
		a.Kind = "use"
	case backend.SchemaChange:
		a.Kind = "schema"
	}
	return a
}

func (h *Handler) rows(a *queryAnswer, result *backend.Result) {
	catalog := h.options.Backend.Schema()
	for _, c := range result.Columns {
		column := queryColumn{Name: c.Name, Type: c.Type.String()}
		if t := catalog.Table(c.Keyspace, c.Table); t != nil && t.Columns[c.Name] != nil {
			column.Kind = t.Columns[c.Name].Kind.String()
		}
		a.Columns = append(a.Columns, column)
	}
	a.Rows = make([][]*string, 0, result.RowCount)
	cursor := result.Cursor()
	var text, object []byte
	for range result.RowCount {
		row := make([]*string, len(result.Columns))
		object = append(object[:0], '{')
		for i, c := range result.Columns {
			cell := cursor.Next()
			if i > 0 {
				object = append(object, ", "...)
			}
			object = append(cqltype.AppendJSONString(object, c.Name), ": "...)
			if cell == nil {
				object = append(object, "null"...)
				continue
			}
			object = c.Type.AppendJSON(object, cell)
			text = c.Type.AppendText(text[:0], cell)
			s := string(text)
			row[i] = &s
		}
		a.Rows = append(a.Rows, row)
		a.JSON = append(a.JSON, string(append(object, '}')))
	}
}
