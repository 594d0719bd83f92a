// Command authority is a small object store that iamd guards. It is given its own address and iamd's.
package main

import (
	"io"
	"log"
	"net/http"
	"os"
	"sync"

	"github.com/iamd-project/iamd/authority"
	"github.com/iamd-project/iamd/sigv4"
)

var actions = map[string]string{"GET": "s3:GetObject", "PUT": "s3:PutObject", "DELETE": "s3:DeleteObject"}

func needs(r *http.Request) ([]authority.Permission, error) {
	if actions[r.Method] == "" {
		return nil, &authority.Refusal{Code: "MethodNotAllowed", Status: 405, Message: "This store only keeps objects."}
	}
	return []authority.Permission{{Action: actions[r.Method], Resource: "arn:aws:s3:::" + r.URL.Path[1:], Policy: os.Getenv("BUCKET_POLICY")}}, nil
}

func main() {
	var objects sync.Map
	store := func(w http.ResponseWriter, r *http.Request) {
		if body, err := io.ReadAll(r.Body); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest) // it is not the body that was signed
		} else if r.Method == "PUT" {
			objects.Store(r.URL.Path, body)
		} else if r.Method == "DELETE" {
			objects.Delete(r.URL.Path)
		} else if content, found := objects.Load(r.URL.Path); found {
			_, _ = w.Write(content.([]byte))
		}
	}
	iamd := &authority.Client{URL: os.Args[2], Token: os.Getenv("AUTHORITY_TOKEN")}
	guard := &authority.Guard{Client: iamd, Service: "s3", Permissions: needs, Payloads: []sigv4.PayloadHash{sigv4.UnsignedPayload}}
	log.Fatal(http.ListenAndServe(os.Args[1], guard.Wrap(http.HandlerFunc(store))))
}
