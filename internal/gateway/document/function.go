package document

import (
	"hash/maphash"
	"net/http"

	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/gateway/document/path"
	"github.com/astrolabe-db/astrolabe/internal/gateway/document/shred"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

// runFunction is POST …/{document}[/{path}]/function: $push, $pop and $set.
func runFunction(c *call) error {
	v, err := c.payload("payload not provided.", true)
	if err != nil {
		return err
	}
	operation, value, err := c.readFunction(v)
	if err != nil {
		return err
	}
	below, err := c.writablePath()
	if err != nil {
		return err
	}
	on, err := c.existing(writing)
	if err != nil {
		return err
	}
	// What is added lives as long as the rest of the document.
	c.params.ttlAuto = true
	if err := c.runLocked(on, below, operation, value); err != nil {
		return err
	}
	return c.answerNow()
}

// runLocked runs a function. It reads and writes: those on one document wait for one
// another, but not for the client to read the answer.
func (c *call) runLocked(on *collection, below []string, operation string, value cell.Value) error {
	c.postponed = true
	lock := &c.door.functions[maphash.String(functionSeed, c.namespace+"."+c.collection+"/"+c.id)%uint64(len(c.door.functions))]
	lock.Lock()
	defer lock.Unlock()
	switch operation {
	case "$set":
		return c.setPaths(on, below, value)
	case "$push":
		return c.push(on, below, value)
	default:
		return c.pop(on, below)
	}
}

var functionSeed = maphash.MakeSeed()

// readFunction reads {"operation":…,"value":…}.
func (c *call) readFunction(v cell.Value) (operation string, value cell.Value, err error) {
	if v.Kind() != cell.Object {
		return "", nil, httpapi.OfStatus(http.StatusBadRequest)
	}
	for m := v.Members(); m.Next(); {
		switch string(m.Key(nil)) {
		case "operation":
			if m.Value.Kind() == cell.String {
				operation = string(m.Value.Text(nil))
			}
		case "value":
			value = m.Value
		}
	}
	if c.door.v1 {
		return operation, value, c.checkFunctionV1(operation, value)
	}
	switch operation {
	case "$push", "$pop", "$set":
		return operation, value, nil
	case "":
		return "", nil, httpapi.BadRequest("Request invalid: `operation` is required for function execution.")
	}
	return "", nil, httpapi.BadRequest("Request invalid: available built-in functions are [$pop, $push, $set].")
}

// array reads the array at the path: its leaves, none when it is empty, and how
// many elements it has. what says what it is wanted for.
func (c *call) array(on *collection, below []string, what string) (leaves []shred.Leaf, length int, err error) {
	if err := on.refuseParts(); err != nil && !c.door.v1 {
		return nil, 0, err
	}
	if err := c.who.Authorize(on.reading, ""); err != nil {
		return nil, 0, err
	}
	leaves, err = c.load(on, []byte(c.id), below, "GetFullDocument")
	if err != nil {
		return nil, 0, err
	}
	leaves = at(leaves, below)
	if len(leaves) == 0 {
		return nil, 0, c.missing()
	}
	last := &leaves[len(leaves)-1]
	if len(last.Path) == len(below) {
		if last.Kind == shred.EmptyArray {
			return nil, 0, nil
		}
	} else if n, ok := path.Index(last.Path[len(below)]); ok {
		return leaves, n + 1, nil
	}
	if c.door.v1 {
		return nil, 0, httpapi.BadRequest("The path provided to %s has no array", what)
	}
	text, err := appendDocument(nil, leaves, len(below), false)
	if err != nil {
		return nil, 0, err
	}
	return nil, 0, httpapi.BadRequest("The path provided to %s has no array, found %s.", what, text)
}

// element is the path of an array's element.
func element(below []string, n int) []string {
	return append(below[:len(below):len(below)], string(path.AppendIndex(nil, n)))
}

// push appends a value to an array and answers with all of it.
func (c *call) push(on *collection, below []string, value cell.Value) error {
	leaves, length, err := c.array(on, below, "push to")
	if err != nil {
		return err
	}
	if length == path.MaxArrayLength {
		return refused(path.ErrArrayLength)
	}
	if value == nil {
		value = cell.Value("null")
	}
	place := element(below, length)
	if err := c.shred(place, value); err != nil {
		return err
	}
	if err := c.putLeaves(on, place); err != nil {
		return err
	}
	c.open()
	if c.out, err = appendDocument(c.out, append(leaves, shred.Sort(c.shredder.Leaves)...), len(below), false); err != nil {
		return err
	}
	return c.close(http.StatusOK)
}

// pop takes the last element of an array and answers with it.
func (c *call) pop(on *collection, below []string) error {
	leaves, length, err := c.array(on, below, "pop from")
	if err != nil {
		return err
	}
	if length == 0 {
		return httpapi.BadRequest("No data available to pop.")
	}
	place := element(below, length-1)
	popped := at(leaves, place)
	if len(below) == 0 && length == 1 {
		return refused(shred.ErrEmptyRoot)
	}
	c.open()
	if c.out, err = appendDocument(c.out, popped, len(place), false); err != nil {
		return err
	}
	ttl, err := c.remainingTTL(on)
	if err != nil {
		return err
	}
	if err := c.start(on, c.id, ttl); err != nil {
		return err
	}
	if err := c.remove(deletePart, place); err != nil {
		return err
	}
	c.keepLength(below, length-1, leaves[:len(leaves)-len(popped)])
	if err := c.commit("ASYNC UPDATE"); err != nil {
		return err
	}
	return c.close(http.StatusOK)
}

// keepLength writes what an array needs to have a length when leaves are all
// that it has: an element that is null only because there is no row of it gets
// one when it comes last.
func (c *call) keepLength(below []string, length int, leaves []shred.Leaf) {
	place, kind := below, shred.EmptyArray
	if length > 0 {
		place, kind = element(below, length-1), shred.Null
		if len(at(leaves, place)) > 0 {
			return
		}
	}
	l := shred.Leaf{Kind: kind}
	for _, segment := range place {
		l.Path = append(l.Path, []byte(segment))
	}
	c.batch.write(&l)
}

// setPaths writes the members of value, whose names are paths with dots, below
// a path.
func (c *call) setPaths(on *collection, below []string, value cell.Value) error {
	if value == nil || value.Kind() != cell.Object {
		return httpapi.BadRequest("Using dotted-path JSON processing requires a JSON object at root")
	}
	if err := on.refuseParts(); err != nil {
		return err
	}
	c.shredder.Reset()
	var places [][]string
	for m := value.Members(); m.Next(); {
		place, err := setPlace(below, string(m.Key(nil)))
		if err != nil {
			return err
		}
		if len(places) == maxSetPaths {
			return httpapi.BadRequest("$set takes at most %d paths.", maxSetPaths)
		}
		places = append(places, place)
		c.shredder.Leaves = dropOverlap(c.shredder.Leaves, place)
		if err := refused(c.shredder.Shred(place, m.Value)); err != nil {
			return err
		}
	}
	if len(places) == 0 { // the reference's text, which comes from its back end
		return &httpapi.Failure{Status: http.StatusBadRequest, GRPCStatus: "INVALID_ARGUMENT",
			Description: "Invalid argument for gRPC operation (Status.Code.INVALID_ARGUMENT->400): INVALID_ARGUMENT: No queries in batch"}
	}
	ttl, err := c.remainingTTL(on)
	if err != nil {
		return err
	}
	if err := c.start(on, c.id, ttl); err != nil {
		return err
	}
	for _, place := range places {
		if err := c.removeOthers(place); err != nil {
			return err
		}
		if err := c.remove(deletePart, place); err != nil {
			return err
		}
	}
	c.writeLeaves()
	if err := c.commit("ASYNC SET"); err != nil {
		return err
	}
	c.open()
	c.out = append(c.out, "null"...)
	return c.close(http.StatusOK)
}

// setPlace is the path that a name of $set means.
func setPlace(below []string, name string) ([]string, error) {
	place, err := path.Dotted(name)
	if err == nil {
		err = path.CheckWritable(place)
	}
	if err == nil && len(below)+len(place) > path.MaxDepth {
		err = path.ErrDepth
	}
	return append(below[:len(below):len(below)], place...), refused(err)
}

// dropOverlap drops what an earlier path of the same $set put where a later one
// writes, and scalars on the way to there.
func dropOverlap(leaves []shred.Leaf, place []string) []shred.Leaf {
	kept := leaves[:0]
	for i := range leaves {
		if l := &leaves[i]; !isBelow(l, place) && !(len(l.Path) < len(place) && isBelow(l, place[:len(l.Path)])) {
			kept = append(kept, *l)
		}
	}
	return kept
}
