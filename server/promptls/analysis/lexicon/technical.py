"""Words of computing and data that are written like any other word."""

from promptls.analysis.lexicon.lexicon import word_set

TECHNICAL = word_set(
    """
    algorithm algoritmo ansible api array aws azure backend bash bigquery boolean bucket cache cluster código
    commit compiler container containers cron csv database dataset datasets dataframe debug deploy deployment
    devops django docker dockerfile embedding embeddings endpoint endpoints excel flask framework frontend git
    github gitlab gpu grafana graphql helm html http https idempotent index ip java javascript jenkins join
    json jwt kafka kotlin kubectl kubernetes lambda latency linux llm localhost markdown metadata microservice
    microservices middleware migration mongodb mysql namespace nginx node npm null oauth ontology parameter
    parameters parser php pipeline pipelines playbook pod pods postgres postgresql prometheus python query
    queries react redis regex regexp repository rest rollback ruby runtime rust s3 schema sdk server servers
    shell spark sql sqlite ssh ssl stack stdout string struct subquery swift syntax terraform timestamp tls
    token tokens transaction typescript ubuntu unicode unix uri url urls utf-8 uuid vector vue webhook
    webhooks websocket xml yaml consulta servidor servidores
    """
)
