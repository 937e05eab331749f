package rest

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cell"
)

// The bodies of the schema endpoints are small objects, read member by member.
// As in the reference scalars are converted to what a member is, unknown
// members are ignored, and what can't be converted is a plain 400.

// typedBody reads the body of an endpoint whose body the reference checks by a
// class, so that it says little about one that does not fit.
func (c *call) typedBody() (cell.Value, error) {
	if err := c.readBody("application/json", nil); err != nil {
		return nil, err
	}
	if len(strings.TrimSpace(string(c.body))) == 0 {
		const null = "Request invalid: must not be null."
		return nil, c.invalid(null, null)
	}
	v, err := cell.Parse(c.body, cell.Options{})
	if err != nil || v.Kind() != cell.Object {
		return nil, httpFailure(http.StatusBadRequest)
	}
	return v, nil
}

// textOf reads a member that is text; null is "".
func textOf(v cell.Value) (string, error) {
	switch v.Kind() {
	case cell.Null:
		return "", nil
	case cell.String:
		return string(v.Text(nil)), nil
	case cell.Number, cell.Bool:
		return string(v), nil
	}
	return "", httpFailure(http.StatusBadRequest)
}

// boolOf reads a member that is true or false; null is false.
func boolOf(v cell.Value) (bool, error) {
	text, err := textOf(v)
	switch {
	case err != nil:
		return false, err
	case text == "" || strings.EqualFold(text, "false"):
		return false, nil
	case strings.EqualFold(text, "true"):
		return true, nil
	}
	return false, httpFailure(http.StatusBadRequest)
}

// intOf reads a member that is an int; null is nil.
func intOf(v cell.Value) (*int32, error) {
	text, err := textOf(v)
	if err != nil || text == "" {
		return nil, err
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return nil, httpFailure(http.StatusBadRequest)
	}
	i := int32(n)
	return &i, nil
}

// listOf calls each for the elements of a member that is an array; null has
// none.
func listOf(v cell.Value, each func(cell.Value) error) error {
	if v.Kind() == cell.Null {
		return nil
	}
	if v.Kind() != cell.Array {
		return httpFailure(http.StatusBadRequest)
	}
	for e := v.Elements(); e.Next(); {
		if err := each(e.Value); err != nil {
			return err
		}
	}
	return nil
}

// objectOf calls each for the members of a member that is an object; null has
// none.
func objectOf(v cell.Value, each func(name string, value cell.Value) error) error {
	if v.Kind() == cell.Null {
		return nil
	}
	if v.Kind() != cell.Object {
		return httpFailure(http.StatusBadRequest)
	}
	for m := v.Members(); m.Next(); {
		if err := each(string(m.Key(nil)), m.Value); err != nil {
			return err
		}
	}
	return nil
}

// textsOf reads a member that is an array of texts.
func textsOf(v cell.Value) ([]string, error) {
	var texts []string
	err := listOf(v, func(e cell.Value) error {
		text, err := textOf(e)
		texts = append(texts, text)
		return err
	})
	return texts, err
}

// opened starts an answer of one object or array: bare when the request says
// raw, else as the member "data". closed ends it.
func (c *call) opened() {
	if !c.params.raw {
		c.out = append(c.out, `{"data":`...)
	}
}

func (c *call) closed() error {
	if !c.params.raw {
		c.out = append(c.out, '}')
	}
	return c.answer(http.StatusOK)
}

// named answers {"name":name}.
func (c *call) named(status int, name string) error {
	c.out = append(c.out, `{"name":`...)
	c.out = append(cell.AppendString(c.out, name), '}')
	return c.answer(status)
}

// succeeded answers {"success":true}.
func (c *call) succeeded(status int) error {
	c.out = append(c.out, `{"success":true}`...)
	return c.answer(status)
}

// appendList appends a JSON array of items.
func appendList[T any](dst []byte, items []T, item func([]byte, T) []byte) []byte {
	dst = append(dst, '[')
	for i, it := range items {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = item(dst, it)
	}
	return append(dst, ']')
}
