package sigv4_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/iamd-project/iamd/sigv4"
)

// A server that accepts one access key, and a client that has it.
func Example() {
	secrets := map[string]string{"AKIDEXAMPLE": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
	rules := &sigv4.Verifier{Service: "demo"}
	keys := sigv4.NewKeyCache(1000)

	authenticate := func(r *http.Request, body []byte) (accessKeyID string, err error) {
		claim, err := sigv4.Parse(r)
		if err != nil {
			return "", err
		}
		secret, ok := secrets[claim.AccessKeyID]
		if !ok {
			return "", errors.New("no such access key")
		}
		version := []byte(secret) // a server that seals its secrets uses the sealed one
		key, cached := keys.Find(claim.AccessKeyID, claim.Scope, version)
		if !cached {
			key = sigv4.DeriveKey(secret, claim.Scope)
		}
		if err := rules.Verify(&claim, key, sigv4.HashPayload(body), time.Now()); err != nil {
			return "", err
		}
		if !cached {
			keys.Add(claim.AccessKeyID, claim.Scope, version, key)
		}
		return claim.AccessKeyID, nil
	}

	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if who, err := authenticate(r, body); err != nil {
			fmt.Fprint(w, err)
		} else {
			fmt.Fprint(w, "hello ", who)
		}
	}))
	defer server.Close()

	signer := sigv4.Signer{
		Credentials: sigv4.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: secrets["AKIDEXAMPLE"]},
		Region:      "us-east-1",
		Service:     "demo",
	}
	for _, sign := range []bool{true, false} {
		r, _ := http.NewRequest("POST", server.URL, strings.NewReader("Action=Greet"))
		if sign {
			if err := signer.Sign(r, sigv4.HashPayload([]byte("Action=Greet")), time.Now()); err != nil {
				panic(err)
			}
		}
		reply, err := http.DefaultClient.Do(r)
		if err != nil {
			panic(err)
		}
		text, _ := io.ReadAll(reply.Body)
		reply.Body.Close()
		fmt.Printf("%s\n", text)
	}
	// Output:
	// hello AKIDEXAMPLE
	// sigv4: missing: Missing Authentication Token
}

func ExampleSigner_Presign() {
	signer := sigv4.Signer{
		Credentials: sigv4.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"},
		Region:      "us-east-1",
		Service:     "s3",
		S3:          true,
	}
	r, _ := http.NewRequest("GET", "https://photos.example.com/cat.jpg", nil)
	signed, err := signer.Presign(r, sigv4.UnsignedPayload, time.Hour, time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC))
	if err != nil {
		panic(err)
	}
	for _, part := range strings.Split(signed, "&")[:4] {
		fmt.Println(part)
	}
	// Output:
	// https://photos.example.com/cat.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256
	// X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fs3%2Faws4_request
	// X-Amz-Date=20150830T123600Z
	// X-Amz-Expires=3600
}
