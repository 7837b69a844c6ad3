#include "tests/perf/echo.h"

#include <utility>

#include "grpcpp/generic/async_generic_service.h"

namespace pdp::perf {
namespace {

// Answers every unary call of any method with the bytes it was sent.
class EchoService final : public grpc::CallbackGenericService {
 public:
  explicit EchoService(EchoServer::Before before) : before_(std::move(before)) {}

 private:
  class Reactor final : public grpc::ServerGenericBidiReactor {
   public:
    explicit Reactor(const EchoServer::Before& before) : before_(before) { StartRead(&buffer_); }
    void OnReadDone(bool ok) override {
      if (!ok) return Finish(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "no request"));
      if (before_ == nullptr) return Answer();
      before_(buffer_, [this] { Answer(); });
    }
    void OnDone() override { delete this; }

   private:
    void Answer() {
      StartWriteAndFinish(&buffer_, grpc::WriteOptions(), grpc::Status::OK);
    }
    const EchoServer::Before& before_;
    grpc::ByteBuffer buffer_;
  };

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext*) override {
    return new Reactor(before_);
  }

  const EchoServer::Before before_;
};

}  // namespace

EchoServer::EchoServer(Before before)
    : service_(std::make_unique<EchoService>(std::move(before))) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
  builder.RegisterCallbackGenericService(service_.get());
  server_ = builder.BuildAndStart();
}

EchoServer::~EchoServer() { server_->Shutdown(); }

}  // namespace pdp::perf
