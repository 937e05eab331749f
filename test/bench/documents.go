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
	for _, where := range []string{
		`{"city":{"$eq":"city 7"}}`,
		fmt.Sprintf(`{"city":{"$eq":"city 7"},"n":{"$gt":%d}}`, count-2000),
		fmt.Sprintf(`{"n":{"$gt":%d}}`, count-10),
		fmt.Sprintf(`{"even":{"$ne":true},"n":{"$in":[1,%d]}}`, count-1),
		`{"id":{"$exists":false}}`,
	} {
		before, err := residentMB(server.PID())
		if err != nil {
			return err
		}
		cpu, err := cpuTime(server.PID())
		if err != nil {
			return err
		}
		began := time.Now()
		answer, err := one.do(httpRequest(http.MethodGet, "/v2/namespaces/bench/collections/many?page-size=20&where="+url.QueryEscape(where), server.HTTP, server.Token, ""), http.StatusOK)
		if err != nil {
			return err
		}
		after, err := residentMB(server.PID())
		if err != nil {
			return err
		}
		used, err := cpuTime(server.PID())
		if err != nil {
			return err
		}
		fmt.Printf("%-50s %8.0f ms, CPU %8.0f ms, %5d bytes of answer, resident %.0f MiB before and %.0f after\n",
			where, ms(time.Since(began)), ms(used-cpu), len(answer), before, after)
	}
	return nil
}
