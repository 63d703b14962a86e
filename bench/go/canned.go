package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
)

const protobufType = "application/vnd.kubernetes.protobuf"

// serveCanned answers every request with the same pod, and prints its address. It ends when in does.
func serveCanned(in io.Reader, out io.Writer) error {
	pod := podOf("canned")
	pod.APIVersion, pod.Kind = "v1", "Pod"
	body, err := runtime.Encode(protobuf.NewSerializer(scheme.Scheme, scheme.Scheme), pod)
	if err != nil {
		return err
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", protobufType)
		_, _ = w.Write(body)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	if err := json.NewEncoder(out).Encode(map[string]string{"url": server.URL}); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, in)
	return err
}

// Ceiling is what this client reaches when the server does nothing.
func Ceiling(ctx context.Context, url string, size Size) (map[string]Figure, error) {
	client, err := clientOf(&rest.Config{Host: url, TLSClientConfig: rest.TLSClientConfig{Insecure: true}})
	if err != nil {
		return nil, err
	}
	pods := client.CoreV1().Pods("canned")
	create, err := load(ctx, size.Workers, size.Pods, func(ctx context.Context, i int) error {
		_, err := pods.Create(ctx, podOf(fmt.Sprintf("canned-%d", i)), metav1.CreateOptions{})
		return err
	})
	if err != nil {
		return nil, err
	}
	get, err := load(ctx, size.Workers, size.Pods*2, func(ctx context.Context, i int) error {
		_, err := pods.Get(ctx, "canned", metav1.GetOptions{})
		return err
	})
	return map[string]Figure{"create": create, "get": get}, err
}
