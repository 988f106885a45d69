"""Ten prompts for each domain, to measure the recognition of domains by.

They were written before the packs had any terms. Do not tune a pack to one of them: a term needs a reason that holds for
prompts which are not in here.
"""

from collections.abc import Mapping, Sequence

PROMPTS: Mapping[str, Sequence[str]] = {
    "sql": (
        "Write a PostgreSQL query that returns the ten customers with the highest revenue in the last quarter.\n"
        "Use the orders and customers tables.\n",
        "You translate questions of analysts into SELECT statements. The schema is:\n\n{{schema}}\n\n"
        "Question: {{question}}\n\nReturn the statement only.\n",
        "Eres un experto en bases de datos. Genera una consulta SQL que devuelva las ventas por región del último mes a "
        "partir de las tablas `ventas` y `regiones`.\n",
        "Explain why this query is slow and suggest indexes:\n\n```sql\nSELECT * FROM events e JOIN users u ON u.id = "
        "e.user_id WHERE e.created_at > now() - interval '7 days'\n```\n",
        "Rewrite the stored procedure below for MySQL 8. Keep its transaction semantics and replace the cursor with a "
        "set-based update.\n\n{{procedure}}\n",
        "Given the following table definitions, write a window function that computes a running total of amount per "
        "account, ordered by date. Handle ties.\n\n{{ddl}}\n",
        "Design a normalised schema for a library: books, copies, members and loans. Give CREATE TABLE statements with "
        "primary and foreign keys.\n",
        "Convierte esta pregunta en una consulta para SQL Server y explica los JOIN que usas: {{pregunta}}\n",
        "You are a BigQuery analyst. Answer the user's question with one query over the dataset described below. "
        "Partition filters are mandatory.\n\n{{dataset}}\n\n{{question}}\n",
        "Review this migration for SQLite: it adds a NOT NULL column to a table with four million rows. What will lock, "
        "and how would you backfill it?\n\n{{migration}}\n",
    ),
    "branding": (
        "Write three taglines for {{brand}}, a maker of running shoes for beginners. The tone is warm and a little "
        "cheeky.\n",
        "You are a copywriter. Write a LinkedIn post that announces the new collection of {{brand}}. End with a call to "
        "action.\n",
        "Crea un eslogan y una descripción de producto para una marca de café orgánico dirigida a jóvenes "
        "profesionales.\n",
        "Draft the brand voice guidelines for a credit union: four voice principles, each with a do and a don't.\n",
        "Write an Instagram caption for the launch of our vegan chocolate bar. Include two hashtags and emojis that fit "
        "the brand.\n",
        "Rewrite the landing page headline and the subheadline so that they speak to new parents. Keep the brand's tone "
        "of voice: {{voice}}.\n",
        "Propose a positioning statement and a value proposition for {{company}}, compared with these competitors: "
        "{{competitors}}.\n",
        "Escribe un anuncio para Facebook de {{producto}}: titular, texto y llamada a la acción. El público son madres "
        "primerizas.\n",
        "Suggest ten names for a sustainable cosmetics brand. For each give the rationale and the feeling that it evokes "
        "in the target audience.\n",
        "Write a newsletter for our advertising campaign around Mother's Day. The audience is loyal customers; the key "
        "message is that handmade gifts last.\n",
    ),
    "cine": (
        "Write a scene for a short film in which two sisters meet again at their father's funeral. Use screenplay "
        "format.\n",
        "You are a script doctor. Read the screenplay pages below and name the three weakest beats and how to mend "
        "them.\n\n{{pages}}\n",
        "Escribe el guion de un cortometraje de terror de cinco minutos con dos personajes y una sola localización.\n",
        "Create a shot list for the chase sequence: shot size, camera movement, lens and duration for every shot.\n\n"
        "{{scene}}\n",
        "Write a logline and a one-page synopsis for a science-fiction thriller about {{premise}}.\n",
        "Turn this chapter into a storyboard with eight frames. Describe framing, lighting and action of each one.\n\n"
        "{{chapter}}\n",
        "Propose a three-act structure for a feature film: inciting incident, midpoint, climax. The protagonist is "
        "{{protagonist}}.\n",
        "Reescribe este diálogo para que los personajes suenen distintos y haya más subtexto en la escena.\n\n"
        "{{dialogo}}\n",
        "Write the pilot's cold open for a sitcom set in a dental practice. Ten lines of dialogue, one visual gag.\n",
        "Generate a video prompt for a slow dolly-in on an old sailor at dusk, shallow depth of field, film grain, 35 mm "
        "lens, moody cinematography.\n",
    ),
    "saas": (
        "Write an in-app message that nudges trial users to invite their teammates before the trial ends.\n",
        "You are a product manager. Draft a feature announcement for the enterprise plan: single sign-on and audit "
        "logs. Mention which tiers get it.\n",
        "Classify the reason why this customer cancelled the subscription: price, missing feature, onboarding, support "
        "or other.\n\n{{feedback}}\n",
        "Summarise the monthly metrics of our product for the board: MRR, churn, activation rate and net revenue "
        "retention.\n\n{{metrics}}\n",
        "Redacta un correo de bienvenida para los usuarios que acaban de empezar su prueba gratuita, con los tres pasos "
        "de la incorporación.\n",
        "Write user stories with acceptance criteria for role-based permissions in a multi-tenant workspace.\n",
        "You answer questions about our pricing page: plans, seats, add-ons, upgrades and downgrades. Quote only from the "
        "table below.\n\n{{plans}}\n",
        "Analiza la tasa de abandono de los clientes por plan de suscripción y propón tres experimentos para mejorar la "
        "retención.\n\n{{datos}}\n",
        "Create an onboarding checklist for the admin of a new account: workspace settings, integrations, billing, "
        "inviting users.\n",
        "Write a help-center article on how to connect the webhook integration of our platform, for customers on the Pro "
        "plan.\n",
    ),
    "devops": (
        "Write a Terraform module that creates an S3 bucket with versioning and a lifecycle rule.\n",
        "You are an SRE. From the alert and the logs below, write an incident summary and the next three steps.\n\n"
        "{{alert}}\n\n{{logs}}\n",
        "Create a GitHub Actions workflow that builds the Docker image, runs the tests and deploys to staging.\n",
        "Escribe un Dockerfile para una aplicación de Node.js y un pipeline de CI/CD que la despliegue en Kubernetes.\n",
        "Review this Helm chart for security problems: containers that run as root, missing resource limits, plain "
        "secrets.\n\n{{chart}}\n",
        "Write an Ansible playbook that patches all web servers, one at a time, and rolls back if the health check "
        "fails.\n",
        "Explain what this kubectl output means and why the pod is in CrashLoopBackOff.\n\n{{output}}\n",
        "Redacta un runbook para restaurar el clúster de producción después de un fallo del nodo principal.\n",
        "Propose Prometheus alert rules and a Grafana dashboard for the latency and the error rate of {{service}}.\n",
        "Write a bash script that rotates the logs on our Linux servers and uploads them to cold storage every night.\n",
    ),
    "general": (
        "Summarise the article below in three sentences for a reader in a hurry.\n\n{{article}}\n",
        "Translate the text from English into French. Keep names as they are.\n\n{{text}}\n",
        "Suggest a recipe with {{ingredients}} that takes less than 30 minutes. List the steps.\n",
        "Eres un profesor de matemáticas. Explica las fracciones a un niño de diez años con dos ejemplos.\n",
        "Extract the names of all people and the date of every meeting from the minutes below. Return a table with two "
        "columns.\n\n{{minutes}}\n",
        "Plan a weekend in Lisbon for a family with two small children. Give times and costs.\n",
        "Write a Python function that merges two sorted lists. Add type hints and a docstring.\n",
        "Decide whether the review is positive, negative or neutral. Answer with one word.\n\n{{review}}\n",
        "Answer the patient's question from the leaflet. If the leaflet does not say, reply that a pharmacist should be "
        "asked.\n\n{{leaflet}}\n\n{{question}}\n",
        "Redacta una carta formal para reclamar la devolución de un vuelo cancelado. Usa un tono respetuoso.\n",
    ),
}
