// SPDX-License-Identifier: Apache-2.0
#include "cuda/fake_runtime.hpp"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <utility>

namespace {

using work = std::function<void()>;

struct queue {
  std::deque<work> waiting;
  long done = 0;
  unsigned long long id = 0;
  bool recording = false, broken = false;
  std::vector<work> recorded;
  void drop() { done = end(), waiting.clear(); }
  long end() const { return done + static_cast<long>(waiting.size()); }
  void run(long to) {
    while (done < to && !waiting.empty()) {
      const work w = std::move(waiting.front());
      waiting.pop_front();
      ++done;
      w();
    }
  }
};
struct point {
  std::shared_ptr<queue> where;
  long at = 0;
};
struct block {
  std::size_t bytes;
  int device;
};

struct state {
  std::vector<std::string> calls;
  int fail_in = 0;
  cudaError_t failure = cudaSuccess, last = cudaSuccess;
  int device = 0;
  std::shared_ptr<queue> legacy[2] = {std::make_shared<queue>(), std::make_shared<queue>()};
  std::map<cudaStream_t, std::shared_ptr<queue>> streams;
  std::vector<std::shared_ptr<queue>> all;  // destroyed ones still do what is in them
  std::map<void*, block> blocks;
  std::set<void*> freed, pinned;
  std::set<cudaEvent_t> events;
  std::set<cudaGraph_t> graphs;
  std::set<cudaGraphExec_t> execs;
  unsigned long long streams_made = 0, threshold = 0;
};
state* now = new state;
std::recursive_mutex lock;

cudaError_t failed(cudaError_t e) { return now->last = e; }
// Counts a call; what it returns is to be returned, at once or at the end.
cudaError_t enter(const char* call) {
  now->calls.push_back(call);
  return now->fail_in > 0 && --now->fail_in == 0 ? failed(now->failure) : cudaSuccess;
}
queue* find(cudaStream_t s) {
  if (s == nullptr || s == cudaStreamLegacy) return now->legacy[now->device].get();
  const auto at = now->streams.find(s);
  return at == now->streams.end() ? nullptr : at->second.get();
}
std::shared_ptr<queue> share(cudaStream_t s) {
  return s == nullptr || s == cudaStreamLegacy ? now->legacy[now->device] : now->streams.at(s);
}
cudaError_t put(cudaStream_t s, work w) {
  queue* const q = find(s);
  if (!q) return failed(cudaErrorInvalidResourceHandle);
  if (q->recording) q->recorded.push_back(std::move(w));
  else q->waiting.push_back(std::move(w));
  return cudaSuccess;
}
void* make(std::size_t bytes) {
  void* const p = std::aligned_alloc(256, (bytes + 255) / 256 * 256);
  std::memset(p, 0xAB, bytes);
  return p;
}
point& of(cudaEvent_t e) { return *reinterpret_cast<point*>(e); }
std::vector<work>& of(cudaGraph_t g) { return *reinterpret_cast<std::vector<work>*>(g); }
std::vector<work>& of(cudaGraphExec_t g) { return *reinterpret_cast<std::vector<work>*>(g); }

}  // namespace

namespace fake {

void reset() {
  const std::lock_guard hold(lock);
  for (auto& q : now->legacy) q->drop();  // queues that wait for one another own one another
  for (auto& q : now->all) q->drop();
  for (void* p : now->freed) std::free(p);
  for (auto& b : now->blocks) std::free(b.first);
  for (void* p : now->pinned) std::free(p);
  for (cudaEvent_t e : now->events) delete &of(e);
  for (cudaGraph_t g : now->graphs) delete &of(g);
  for (cudaGraphExec_t g : now->execs) delete &of(g);
  delete now;
  now = new state;
}
void fail(int n, cudaError_t e) { now->fail_in = n, now->failure = e; }
const std::vector<std::string>& calls() { return now->calls; }
int count(const std::string& call) {
  int n = 0;
  for (const std::string& c : now->calls) n += c == call;
  return n;
}
int alive() {
  return static_cast<int>(now->blocks.size() + now->pinned.size() + now->streams.size() + now->events.size() + now->graphs.size() +
                          now->execs.size());
}
int blocks() { return static_cast<int>(now->blocks.size()); }
int device_of(const void* p) {
  for (const auto& [begin, b] : now->blocks)
    if (begin <= p && p < static_cast<const char*>(begin) + b.bytes) return b.device;
  return -1;
}
void launch(cudaStream_t stream, std::function<void()> kernel) {
  const std::lock_guard hold(lock);
  (void)put(stream, std::move(kernel));
}
cudaError_t last_error() { return now->last; }
unsigned long long& threshold() { return now->threshold; }

}  // namespace fake

#define ENTER(name)                         \
  const std::lock_guard hold(lock);         \
  const cudaError_t injected = enter(name); \
  (void)injected
#define ENTER_OR_FAIL(name) \
  ENTER(name);              \
  if (injected) return injected

extern "C" {

cudaError_t cudaGetLastError() {
  const std::lock_guard hold(lock);
  return std::exchange(now->last, cudaSuccess);
}
const char* cudaGetErrorName(cudaError_t e) {
  return e == cudaErrorMemoryAllocation ? "cudaErrorMemoryAllocation"
         : e == cudaErrorIllegalAddress ? "cudaErrorIllegalAddress"
                                        : "cudaErrorOther";
}
const char* cudaGetErrorString(cudaError_t e) { return e == cudaErrorMemoryAllocation ? "out of memory" : "another error"; }

cudaError_t cudaGetDevice(int* device) {
  ENTER_OR_FAIL("cudaGetDevice");
  *device = now->device;
  return cudaSuccess;
}
cudaError_t cudaSetDevice(int device) {
  ENTER_OR_FAIL("cudaSetDevice");
  if (device < 0 || device > 1) return failed(cudaErrorInvalidDevice);
  now->device = device;
  return cudaSuccess;
}
cudaError_t cudaDeviceSynchronize() {
  ENTER("cudaDeviceSynchronize");
  if (injected) {
    for (auto& q : now->legacy) q->drop();
    for (auto& q : now->all) q->drop();
    return injected;
  }
  for (auto& s : now->streams)
    if (s.second->recording) {
      s.second->broken = true;
      return failed(cudaErrorStreamCaptureUnsupported);
    }
  for (auto& q : now->legacy) q->run(q->end());
  for (auto& q : now->all) q->run(q->end());
  return cudaSuccess;
}

cudaError_t cudaDeviceGetDefaultMemPool(cudaMemPool_t* pool, int) {
  ENTER_OR_FAIL("cudaDeviceGetDefaultMemPool");
  *pool = reinterpret_cast<cudaMemPool_t>(&now->threshold);
  return cudaSuccess;
}
cudaError_t cudaMemPoolGetAttribute(cudaMemPool_t pool, cudaMemPoolAttr, void* value) {
  ENTER_OR_FAIL("cudaMemPoolGetAttribute");
  std::memcpy(value, pool, sizeof(now->threshold));
  return cudaSuccess;
}
cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t pool, cudaMemPoolAttr, void* value) {
  ENTER_OR_FAIL("cudaMemPoolSetAttribute");
  std::memcpy(static_cast<void*>(pool), value, sizeof(now->threshold));
  return cudaSuccess;
}
cudaError_t cudaMallocAsync(void** p, std::size_t bytes, cudaStream_t stream) {
  ENTER_OR_FAIL("cudaMallocAsync");
  if (!find(stream)) return failed(cudaErrorInvalidResourceHandle);
  if (bytes > std::size_t{1} << 40) return failed(cudaErrorMemoryAllocation);
  *p = make(bytes);
  now->blocks[*p] = {bytes, now->device};
  return cudaSuccess;
}
cudaError_t cudaFreeAsync(void* p, cudaStream_t stream) {
  ENTER("cudaFreeAsync");
  const auto at = now->blocks.find(p);
  if (at == now->blocks.end() || at->second.device != now->device || !find(stream)) return failed(cudaErrorInvalidValue);
  const std::size_t bytes = at->second.bytes;
  now->blocks.erase(at);
  now->freed.insert(p);
  if (const cudaError_t e = put(stream, [=] { std::memset(p, 0xDD, bytes); })) return e;
  return injected;
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind, cudaStream_t stream) {
  ENTER_OR_FAIL("cudaMemcpyAsync");
  return put(stream, [=] { std::memcpy(to, from, bytes); });
}
cudaError_t cudaMemsetAsync(void* to, int value, std::size_t bytes, cudaStream_t stream) {
  ENTER_OR_FAIL("cudaMemsetAsync");
  return put(stream, [=] { std::memset(to, value, bytes); });
}
cudaError_t cudaMallocHost(void** p, std::size_t bytes) {
  ENTER_OR_FAIL("cudaMallocHost");
  now->pinned.insert(*p = make(bytes));
  return cudaSuccess;
}
cudaError_t cudaFreeHost(void* p) {
  ENTER("cudaFreeHost");
  if (!now->pinned.erase(p)) return failed(cudaErrorInvalidValue);
  for (auto& q : now->legacy) q->run(q->end());
  for (auto& q : now->all) q->run(q->end());
  std::free(p);
  return injected;
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  ENTER_OR_FAIL("cudaStreamCreateWithFlags");
  const auto q = std::make_shared<queue>();
  q->id = 10 + now->streams_made++;
  *stream = reinterpret_cast<cudaStream_t>(q.get());
  now->streams[*stream] = q;
  now->all.push_back(q);
  return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  ENTER("cudaStreamDestroy");
  if (!now->streams.erase(stream)) return failed(cudaErrorInvalidResourceHandle);
  return injected;
}
cudaError_t cudaStreamGetId(cudaStream_t stream, unsigned long long* id) {
  ENTER_OR_FAIL("cudaStreamGetId");
  queue* const q = find(stream);
  if (!q) return failed(cudaErrorInvalidResourceHandle);
  *id = q->id;
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  ENTER("cudaStreamSynchronize");
  queue* const q = find(stream);
  if (!q) return failed(cudaErrorInvalidResourceHandle);
  if (injected) return q->drop(), injected;
  if (q->recording) return q->broken = true, failed(cudaErrorStreamCaptureUnsupported);
  q->run(q->end());
  return cudaSuccess;
}
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  ENTER_OR_FAIL("cudaStreamWaitEvent");
  if (!now->events.count(event)) return failed(cudaErrorInvalidResourceHandle);
  const point p = of(event);
  return put(stream, [p] {
    if (p.where) p.where->run(p.at);
  });
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  ENTER_OR_FAIL("cudaEventCreateWithFlags");
  *event = reinterpret_cast<cudaEvent_t>(new point);
  now->events.insert(*event);
  return cudaSuccess;
}
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  ENTER("cudaEventDestroy");
  if (!now->events.erase(event)) return failed(cudaErrorInvalidResourceHandle);
  delete &of(event);
  return injected;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  ENTER_OR_FAIL("cudaEventRecord");
  if (!now->events.count(event) || !find(stream)) return failed(cudaErrorInvalidResourceHandle);
  of(event) = {share(stream), find(stream)->end()};
  return cudaSuccess;
}
cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  ENTER("cudaEventSynchronize");
  if (injected && of(event).where) of(event).where->drop();
  if (injected) return injected;
  if (!now->events.count(event)) return failed(cudaErrorInvalidResourceHandle);
  if (of(event).where) of(event).where->run(of(event).at);
  return cudaSuccess;
}
cudaError_t cudaEventElapsedTime(float* ms, cudaEvent_t start, cudaEvent_t stop) {
  ENTER_OR_FAIL("cudaEventElapsedTime");
  if (!now->events.count(start) || !now->events.count(stop)) return failed(cudaErrorInvalidResourceHandle);
  *ms = static_cast<float>(of(stop).at - of(start).at);  // a piece of work takes a millisecond
  return cudaSuccess;
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
  ENTER_OR_FAIL("cudaStreamBeginCapture");
  queue* const q = find(stream);
  if (!q || q->recording || stream == nullptr || stream == cudaStreamLegacy) return failed(cudaErrorStreamCaptureUnsupported);
  q->recording = true, q->broken = false;
  q->recorded.clear();
  return cudaSuccess;
}
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  ENTER("cudaStreamEndCapture");
  *graph = nullptr;
  queue* const q = find(stream);
  if (!q || !q->recording) return failed(cudaErrorIllegalState);
  q->recording = false;
  if (injected) return injected;
  if (q->broken) return failed(cudaErrorStreamCaptureInvalidated);
  *graph = reinterpret_cast<cudaGraph_t>(new std::vector<work>(std::move(q->recorded)));
  now->graphs.insert(*graph);
  return cudaSuccess;
}
cudaError_t cudaGraphInstantiateWithFlags(cudaGraphExec_t* exec, cudaGraph_t graph, unsigned long long) {
  ENTER_OR_FAIL("cudaGraphInstantiateWithFlags");
  *exec = reinterpret_cast<cudaGraphExec_t>(new std::vector<work>(of(graph)));
  now->execs.insert(*exec);
  return cudaSuccess;
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  ENTER("cudaGraphDestroy");
  if (!now->graphs.erase(graph)) return failed(cudaErrorInvalidValue);
  delete &of(graph);
  return injected;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec) {
  ENTER("cudaGraphExecDestroy");
  if (!now->execs.erase(exec)) return failed(cudaErrorInvalidValue);
  delete &of(exec);
  return injected;
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream) {
  ENTER_OR_FAIL("cudaGraphLaunch");
  if (!now->execs.count(exec) || !find(stream)) return failed(cudaErrorInvalidValue);
  for (const work& w : of(exec)) (void)put(stream, w);
  return cudaSuccess;
}

}  // extern "C"
