package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/astrolabe-db/astrolabe/test/harness"
)

const documentsPath = "/v2/namespaces/bench/collections/people"

// documentRequest asks for a document of five leaves, with the values of a user.
func documentRequest(method, addr, token string, key uint32) []byte {
	body := ""
	if method == http.MethodPut {
		body = fmt.Sprintf(`{"name":{"first":"John","last":"Smith"},"email":"john.smith.%d@example.com","created":%d,"number":%d}`, key, key, key)
	}
	return httpRequest(method, fmt.Sprintf("%s/%d", documentsPath, key), addr, token, body)
}

func httpRequest(method, path, addr, token, body string) []byte {
	return fmt.Appendf(nil, "%s %s HTTP/1.1\r\nHost: %s\r\nX-Cassandra-Token: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		method, path, addr, token, len(body), body)
}

func (l *restLoad) getDocument(slot int, rng *rand.Rand) error {
	_, err := l.conns[slot].do(documentRequest(http.MethodGet, l.addr, l.token, rng.Uint32N(documents)), http.StatusOK)
	return err
}

func (l *restLoad) putDocument(slot int, rng *rand.Rand) error {
	_, err := l.conns[slot].do(documentRequest(http.MethodPut, l.addr, l.token, rng.Uint32N(documents)), http.StatusOK)
	return err
}

// documents is how many documents GET and PUT work over.
const documents = 10_000

// measureDocuments compares PUT and GET of a document of five leaves with POST
// and GET of REST, whose rows have as many columns, on one server.
func measureDocuments(addr, token string, pid int, length time.Duration) ([]pair, error) {
	var pairs []pair
	for _, inFlight := range []int{1, 16, 64} {
		l, err := newRESTLoad(&restUsers, addr, token, inFlight)
		if err != nil {
			return nil, err
		}
		if len(pairs) == 0 {
			for key := range uint32(documents) {
				if _, err := l.conns[0].do(documentRequest(http.MethodPut, addr, token, key), http.StatusOK); err != nil {
					return nil, err
				}
			}
		}
		pairs = append(pairs,
			measure("GET document", inFlight, func() figures { return run(pid, inFlight, length, l.getDocument) },
				func() figures { return run(pid, inFlight, length, l.get) }),
			measure("PUT document", inFlight, func() figures { return run(pid, inFlight, length, l.putDocument) },
				func() figures { return run(pid, inFlight, length, l.post) }))
		l.close()
	}
	return pairs, nil
}

// searchDocuments writes count documents and prints what searches among them
// take: time, and what the server's resident memory grows by.
func searchDocuments(count int, length time.Duration) error {
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	server, err := harness.Launch("serve", filepath.Join(dir, "data"), "--durability", "sync")
	if err != nil {
		return err
	}
	defer server.Kill()
	users, err := newCQLLoad(server.CQL, server.Token)
	if err != nil {
		return err
	}
	defer users.close()
	row := selectRow()
	if _, err := users.begin(&row); err != nil {
		return err
	}
	if _, err := measureDocuments(server.HTTP, server.Token, server.PID(), length); err != nil {
		return err
	}
	one, err := dialHTTP(server.HTTP)
	if err != nil {
		return err
	}
	defer one.conn.Close()
	began := time.Now()
	const batch = 1000
	for i := 0; i < count; i += batch {
		var body strings.Builder
		for j := i; j < i+batch; j++ {
			fmt.Fprintf(&body, `%c{"id":"d%d","n":%d,"even":%v,"city":"city %d"}`, "[,"[min(j-i, 1)], j, j, j%2 == 0, j%1000)
		}
		body.WriteByte(']')
		if _, err := one.do(httpRequest(http.MethodPost, "/v2/namespaces/bench/collections/many/batch?id-path=id", server.HTTP, server.Token, body.String()), http.StatusAccepted); err != nil {
			return err
		}
	}
	fmt.Printf("%d documents of 4 leaves written in %.0f s\n", count, time.Since(began).Seconds())
	return searches(one, server, count)
}

// searches asks for a page of each kind of filter, and of none, and prints what
// it takes.
func searches(one *httpConn, server *harness.Server, count int) error {
	resident, err := residentMB(server.PID())
	if err != nil {
		return err
	}
	fmt.Printf("resident %.0f MiB after the load\n", resident)
	for _, search := range []struct{ what, where string }{
		{"the first page of all", ``},
		{"$eq on a field", `{"city":{"$eq":"city 7"}}`},
		{"$eq of a value that nothing has", `{"city":{"$eq":"none"}}`},
		{"a range", fmt.Sprintf(`{"n":{"$gte":%d,"$lt":%d}}`, count/2, count/2+20)},
		{"a range that all are in", `{"n":{"$gte":0}}`},
		{"$and", fmt.Sprintf(`{"$and":[{"city":{"$eq":"city 7"}},{"n":{"$gt":%d}}]}`, count-2000)},
		{"$or", fmt.Sprintf(`{"$or":[{"city":{"$eq":"city 7"}},{"n":{"$eq":%d}}]}`, count-1)},
		{"$not", `{"$not":{"city":{"$ne":"city 7"}}}`},
		{"$ne, $in", fmt.Sprintf(`{"even":{"$ne":true},"n":{"$in":[1,%d]}}`, count-1)},
		{"a few that no index finds", fmt.Sprintf(`{"n":{"$gt":%d}}`, count-10)},
		{"nothing, and no index", `{"id":{"$exists":false}}`},
		{"the same again", `{"id":{"$exists":false}}`},
		{"and again", `{"id":{"$exists":false}}`},
	} {
		if err := searchOnce(one, server, search.what, search.where); err != nil {
			return err
		}
	}
	return nil
}

func searchOnce(one *httpConn, server *harness.Server, what, where string) error {
	path := "/v2/namespaces/bench/collections/many?page-size=20"
	if where != "" {
		path += "&where=" + url.QueryEscape(where)
	}
	if err := resetPeak(server.PID()); err != nil {
		return err
	}
	cpu, err := cpuTime(server.PID())
	if err != nil {
		return err
	}
	began := time.Now()
	answer, err := one.do(httpRequest(http.MethodGet, path, server.HTTP, server.Token, ""), http.StatusOK)
	if err != nil {
		return err
	}
	took := time.Since(began)
	used, err := cpuTime(server.PID())
	if err != nil {
		return err
	}
	peak, err := peakMB(server.PID())
	if err != nil {
		return err
	}
	fmt.Printf("| %s | `%s` | %d | %.0f | %.0f | %.0f |\n", what, where, strings.Count(string(answer), `"city":`), ms(took), ms(used-cpu), peak)
	return nil
}
