package document

import (
	"net/http"

	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/gateway/document/path"
	"github.com/astrolabe-db/astrolabe/internal/gateway/document/shred"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

// patchDocument is PATCH …/{document}[/{path}]: each member given takes the place
// of the one of that name; the others stay. What is at the path and no object is
// replaced. Another value than an object is put at the path.
func patchDocument(c *call) error {
	v, err := c.document()
	if err != nil {
		return err
	}
	below, err := c.writablePath()
	if err != nil {
		return err
	}
	if err := checkPatch(v, len(below) == 0); err != nil {
		return err
	}
	if err := c.shred(below, v); err != nil {
		return err
	}
	on, err := c.ensured()
	if err != nil {
		return err
	}
	if len(below) > 0 || c.door.v1 {
		err = on.refuseParts()
	} else {
		err = c.validate(on, v)
	}
	if err != nil {
		return err
	}
	if v.Kind() == cell.Object {
		err = c.merge(on, below)
	} else {
		err = c.putLeaves(on, below)
	}
	if err != nil {
		return err
	}
	return c.written(http.StatusOK)
}

// checkPatch refuses what nothing can be patched with.
func checkPatch(v cell.Value, root bool) error {
	switch v.Kind() {
	case cell.Array:
		return httpapi.BadRequest("A patch operation must be done with a JSON object, not an array.")
	case cell.Object:
		if m := v.Members(); !m.Next() {
			return httpapi.BadRequest("A patch operation must be done with a non-empty JSON object.")
		}
	default:
		if root {
			return refused(shred.ErrPrimitiveRoot)
		}
	}
	return nil
}

// merge writes the leaves that were shred, which are those of members of the
// object at a path, in the place of the members that they name.
func (c *call) merge(on *collection, below []string) error {
	ttl, err := c.remainingTTL(on)
	if err != nil {
		return err
	}
	if err := c.start(on, c.id, ttl); err != nil {
		return err
	}
	leaves := c.shredder.Leaves
	// As if each member were put by itself; what is above all of them is deleted
	// once.
	var last string
	for i := range leaves {
		name := string(leaves[i].Path[len(below)])
		if i > 0 && name == last {
			continue
		}
		last = name
		member := append(below[:len(below):len(below)], name)
		if i == 0 {
			if err := c.removeOthers(member); err != nil {
				return err
			}
		}
		if err := c.remove(deletePart, member); err != nil {
			return err
		}
	}
	c.writeLeaves()
	return c.commit("ASYNC PATCH")
}

// deleteDocument is DELETE …/{document}[/{path}]. What is not there is no error.
func deleteDocument(c *call) error {
	on, err := c.existing(deleting)
	if err != nil {
		return err
	}
	below, err := path.FromURL(c.path)
	if err != nil {
		return refused(err)
	}
	if err := c.start(on, c.id, 0); err != nil {
		return err
	}
	c.batch.time++ // there are no rows to be older than
	if err := c.remove(deletePart, below); err != nil {
		return err
	}
	if err := c.commit("ASYNC DELETE"); err != nil {
		return err
	}
	return c.noContent()
}
